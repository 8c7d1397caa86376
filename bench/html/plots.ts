import type { Result } from '../figures/figure.ts';
import { renderWide } from './document.ts';
import { escapeHtml } from './escape.ts';
import { type Plot, type PlotLine, renderPlot } from './plot.ts';
import { plotsOf } from './result-plots.ts';

/** The plots of a result, each with a table of what it shows. `prefix` makes their ids unique on the page, `name` those of the tables. */
export function renderPlots(result: Result, prefix: string, name: string): string {
  const drawn = plotsOf(result).map(
    (plot, i) =>
      `<figure><figcaption>${escapeHtml(plot.title)}</figcaption>\n${renderPlot(plot, `${prefix}${i}`)}\n${renderTableOf(plot, name)}</figure>`,
  );
  return drawn.length === 0 ? '' : `<div class="plots">\n${drawn.join('\n')}\n</div>`;
}

function renderTableOf(plot: Plot, name: string): string {
  const isNamed = plot.lines.some((line) => line.label !== '');
  const titles = [...(isNamed ? ['line'] : []), plot.x.title, plot.y.title];
  const rows = plot.lines.flatMap((line) =>
    somePoints(line).map(([x, y]) => {
      const name = isNamed ? `<th scope="row">${escapeHtml(line.label)}</th>` : '';
      return `<tr>${name}<td class="number">${escapeHtml(plot.x.text(x))}</td><td class="number">${escapeHtml(plot.y.text(y))}</td></tr>`;
    }),
  );
  const head = titles.map((title) => `<th scope="col">${escapeHtml(title)}</th>`).join('');
  const table = `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
  return `<details><summary>Values</summary>${renderWide(`Values of ${name}: ${plot.title}`, table)}</details>`;
}

/** The first, the last, and some between them. */
function somePoints({ points }: PlotLine): PlotLine['points'] {
  const most = Math.min(points.length, rowsOfLine);
  return Array.from(
    { length: most },
    (_, i) => points[Math.round((i * (points.length - 1)) / Math.max(1, most - 1))],
  ).filter((point) => point !== undefined);
}

const rowsOfLine = 12;
