import { type Comparison, isOwn, type Measure, medianOf, peersThatWin, spreadOf } from '../figures/comparison.ts';
import { comparisonTables } from '../figures/comparison-tables.ts';
import { renderValue } from '../figures/figure.ts';
import { renderDocument, renderNotice, renderPairs, renderTime, renderWide } from './document.ts';
import { escapeHtml } from './escape.ts';

/** Systems side by side as one page: a bar for each median, then the tables. */
export function renderComparisonPage(comparison: Comparison): string {
  const { readers, rounds } = comparison.settings;
  const way = comparison.settings['tls'] === true ? ' over TLS' : '';
  const sentence = `${comparison.peers.length} systems in turns, ${Number(readers).toLocaleString('en')} readers each${way}, medians of ${rounds} rounds`;
  const head = [
    `<p class="kicker">Flashwire bench · peers · ${renderTime(comparison.at)}</p>`,
    `<h1>${escapeHtml(sentence)}</h1>`,
    ...said(comparison),
  ].join('\n');
  const body = [
    '<h2>Figures</h2>',
    renderComparison(comparison),
    '<h2>How it was measured</h2>',
    `<div class="pairs">\n${renderPairs('Settings', comparison.settings)}\n${renderPairs('Machine', comparison.machine)}\n</div>`,
  ].join('\n');
  return renderDocument('Flashwire bench: peers', head, body);
}

/** Bars and tables; where others win is said before them. */
export function renderComparison(comparison: Comparison): string {
  return [
    `<div class="plots">\n${bars.map((bar) => renderBars(comparison, bar)).join('\n')}\n</div>`,
    '<p>In brackets the least and the most of the rounds, and the ratio to the C loop, in a burst also to the coalescing one.</p>',
    ...comparisonTables(comparison).map(renderCells),
  ].join('\n');
}

interface Bars {
  readonly measure: Measure;
  readonly title: string;
  readonly unit: 'us' | 'ms' | 'kB';
}

const bars: readonly Bars[] = [
  { measure: 'steadyCpu', title: 'CPU of a delivered frame, steady', unit: 'us' },
  { measure: 'steadyLast', title: 'To the last reader, steady, p50', unit: 'ms' },
  { measure: 'burstCpu', title: 'CPU of a delivered frame, burst', unit: 'us' },
  { measure: 'burstDone', title: 'Until all have all, burst', unit: 'ms' },
  { measure: 'rss', title: 'Memory of a reader', unit: 'kB' },
];

/** Where others win, faults, and what was left out, as notices. */
export function said(comparison: Comparison): readonly string[] {
  const of = (kind: 'warnings' | 'faults') => [
    ...new Set(comparison.rounds.flatMap((round) => round[kind].map((text) => `${round.peer}: ${text}`))),
  ];
  const notices = [
    { kind: 'warned', lead: 'Where others win:', lines: peersThatWin(comparison) },
    { kind: 'failed', lead: 'Faults that were seen:', lines: of('faults') },
    {
      kind: 'warned',
      lead: 'Before you quote this:',
      lines: [...of('warnings'), ...comparison.absent.map((what) => `left out: ${what}`)],
    },
  ];
  return notices
    .filter(({ lines }) => lines.length > 0)
    .map(({ kind, lead, lines }) => renderNotice(kind, lead, lines));
}

/** Less is better in all of them, so the shortest bar is the best. */
function renderBars(comparison: Comparison, { measure, title, unit }: Bars): string {
  const values = comparison.peers.flatMap(({ name, label }) => {
    const value = medianOf(comparison, name, measure);
    return value === null ? [] : [{ name, label, value, spread: spreadOf(comparison, name, measure) }];
  });
  if (values.length === 0) return '';
  const most = Math.max(...values.map(({ value, spread }) => spread?.[1] ?? value));
  const x = (value: number) => ((Math.max(0, value) / most) * barWidth).toFixed(1);
  const rows = values.map(({ name, label, value, spread }, i) => {
    const y = i * rowHeight;
    const text = renderValue({ value, unit });
    return [
      `<text x="0" y="${y + 13}">${escapeHtml(label)}</text>`,
      `<rect class="bar ${isOwn(name) ? 'own' : ''}" x="0" y="${y + 18}" width="${x(value)}" height="8" rx="2"/>`,
      ...(spread === null ? [] : [`<path class="spread" d="M${x(spread[0])} ${y + 22}H${x(spread[1])}"/>`]),
      `<text class="tick" x="${Number(x(spread?.[1] ?? value)) + 6}" y="${y + 26}">${escapeHtml(text)}</text>`,
    ].join('\n');
  });
  const summary = values.map(({ label, value }) => `${label} ${renderValue({ value, unit })}`).join(', ');
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 440 ${values.length * rowHeight}" role="img" aria-label="${escapeHtml(`${title}: ${summary}`)}">
${rows.join('\n')}
</svg>
</figure>`;
}

const rowHeight = 36;
/** Leaves room for the value behind the longest bar. */
const barWidth = 370;

function renderCells([titles = [], ...rows]: readonly (readonly string[])[]): string {
  const [caption = '', ...columns] = titles;
  const head = ['system', ...columns].map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join('');
  const lines = rows.map(
    ([label = '', ...cells]) =>
      `<tr><th scope="row">${escapeHtml(label)}</th>${cells.map((cell) => `<td class="number">${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  return renderWide(
    caption,
    `<table>\n<caption>${escapeHtml(caption)}</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${lines.join('\n')}\n</tbody>\n</table>`,
  );
}
