import { type Figure, type Result, renderValue } from '../figures/figure.ts';
import { groupFigures } from '../figures/figure-group.ts';
import { headline } from '../figures/headline.ts';
import { renderDocument, renderNotice, renderPairs, renderTable, renderTime } from './document.ts';
import { escapeHtml } from './escape.ts';
import { renderPlots } from './plots.ts';

/** A result as one page that needs no other file, no network and no script. */
export function renderPage(result: Result): string {
  const sentence = headline(result);
  const head = [
    `<p class="kicker">Flashwire bench · ${escapeHtml(result.scenario)} · ${renderTime(result.at)}</p>`,
    `<h1>${escapeHtml(sentence)}</h1>`,
    verdict(result),
  ].join('\n');
  const body = `${renderPlots(result, 'plot', result.scenario)}
<h2>Figures</h2>
${figureTables(result.figures)}
${details(result)}
<h2>How it was measured</h2>
<div class="pairs">
${renderPairs('Settings', result.settings)}
${renderPairs('Machine', result.machine)}
</div>
${command(result)}`;
  return renderDocument(`Flashwire bench: ${result.scenario}`, head, body);
}

function verdict(result: Result): string {
  const passed = '<p class="verdict">Passed: no reader saw a gap or a duplicate, and nothing was lost.</p>';
  return [
    result.faults.length === 0 ? passed : renderNotice('failed', 'Failed:', result.faults),
    ...(result.warnings.length === 0 ? [] : [renderNotice('warned', 'Before you quote this:', result.warnings)]),
  ].join('\n');
}

function figureTables(figures: readonly Figure[]): string {
  return `<div class="groups">\n${groupFigures(figures)
    .map((group) => renderTable(group.title, group.figures.map(figureRow)))
    .join('\n')}\n</div>`;
}

function figureRow(one: Figure): string {
  const kind = one.value === null ? 'number unknown' : 'number';
  return `<tr><th scope="row">${escapeHtml(one.label)}</th><td class="${kind}">${escapeHtml(renderValue(one))}</td></tr>`;
}

function details(result: Result): string {
  return Object.entries(result.details)
    .filter(([, counts]) => Object.keys(counts).length > 0)
    .map(([name, counts]) => `<details><summary>${escapeHtml(name)}</summary>${renderPairs(name, counts)}</details>`)
    .join('\n');
}

function command(result: Result): string {
  return result.command === undefined
    ? ''
    : `<h2>Measure it again</h2>\n<pre><code>${escapeHtml(result.command)}</code></pre>`;
}
