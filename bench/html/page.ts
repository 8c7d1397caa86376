import { type Figure, type Result, renderValue } from '../figure.ts';
import { groupFigures } from '../figure-group.ts';
import { headline } from '../headline.ts';
import { escapeHtml } from './escape.ts';
import { renderPlot } from './plot.ts';
import { plotsOf } from './result-plots.ts';
import { style } from './style.ts';

/** A result as one page that needs no other file, no network and no script. */
export function renderPage(result: Result): string {
  const sentence = headline(result);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(`Flashwire bench: ${result.scenario}`)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<p class="kicker">Flashwire bench · ${escapeHtml(result.scenario)} · ${time(result.at)}</p>
<h1>${escapeHtml(sentence)}</h1>
${verdict(result)}
</header>
${plots(result)}
<h2>Figures</h2>
${figureTables(result.figures)}
${details(result)}
<h2>How it was measured</h2>
<div class="pairs">
${pairTable('Settings', result.settings)}
${pairTable('Machine', result.machine)}
</div>
${command(result)}
</main>
</body>
</html>
`;
}

function time(at: string): string {
  return `<time datetime="${escapeHtml(at)}">${escapeHtml(at.slice(0, 16).replace('T', ' '))} UTC</time>`;
}

function verdict(result: Result): string {
  const passed = '<p class="verdict">Passed: no reader saw a hole or a double, and nothing was lost.</p>';
  return [
    result.faults.length === 0 ? passed : notice('failed', 'Failed:', result.faults),
    ...(result.warnings.length === 0 ? [] : [notice('warned', 'Before you quote this:', result.warnings)]),
  ].join('\n');
}

function notice(kind: string, lead: string, lines: readonly string[]): string {
  return `<div class="verdict ${kind}">${lead}<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul></div>`;
}

function plots(result: Result): string {
  const drawn = plotsOf(result).map(
    (plot, i) =>
      `<figure><figcaption>${escapeHtml(plot.title)}</figcaption>\n${renderPlot(plot, `plot${i}`)}\n</figure>`,
  );
  return drawn.length === 0 ? '' : `<div class="plots">\n${drawn.join('\n')}\n</div>`;
}

function figureTables(figures: readonly Figure[]): string {
  return `<div class="groups">\n${groupFigures(figures)
    .map((group) => table(group.title, group.figures.map(figureRow)))
    .join('\n')}\n</div>`;
}

function figureRow(one: Figure): string {
  const kind = one.value === null ? 'number unknown' : 'number';
  return `<tr><th scope="row">${escapeHtml(one.label)}</th><td class="${kind}">${escapeHtml(renderValue(one))}</td></tr>`;
}

function details(result: Result): string {
  return Object.entries(result.details)
    .filter(([, counts]) => Object.keys(counts).length > 0)
    .map(([name, counts]) => `<details><summary>${escapeHtml(name)}</summary>${pairTable(name, counts)}</details>`)
    .join('\n');
}

function pairTable(label: string, pairs: Readonly<Record<string, string | number | boolean>>): string {
  const rows = Object.entries(pairs).map(
    ([name, value]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(typeof value === 'number' ? value.toLocaleString('en') : String(value))}</td></tr>`,
  );
  return table(label, rows);
}

function table(title: string, rows: readonly string[]): string {
  return `<table>\n<caption>${escapeHtml(title)}</caption>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

function command(result: Result): string {
  return result.command === undefined
    ? ''
    : `<h2>Measure it again</h2>\n<pre><code>${escapeHtml(result.command)}</code></pre>`;
}
