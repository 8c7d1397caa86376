import { type Comparison, comparisonTables, type Measure, medianOf, peersThatWin } from '../figures/comparison.ts';
import { renderValue } from '../figures/figure.ts';
import { renderDocument, renderNotice, renderPairs, renderTime } from './document.ts';
import { escapeHtml } from './escape.ts';

/** Systems side by side as one page: a bar for each median, then the tables. */
export function renderComparisonPage(comparison: Comparison): string {
  const { readers, rounds } = comparison.settings;
  const sentence = `${comparison.peers.length} systems in turns, ${Number(readers).toLocaleString('en')} readers each, medians of ${rounds} rounds`;
  const head = [
    `<p class="kicker">Flashwire bench · peers · ${renderTime(comparison.at)}</p>`,
    `<h1>${escapeHtml(sentence)}</h1>`,
    ...said(comparison),
  ].join('\n');
  const body = [
    `<div class="plots">\n${bars.map((bar) => renderBars(comparison, bar)).join('\n')}\n</div>`,
    '<h2>Figures</h2>',
    '<p>In brackets the ratio to the C loop, in a burst also to the coalescing one.</p>',
    ...comparisonTables(comparison).map(renderCells),
    '<h2>How it was measured</h2>',
    `<div class="pairs">\n${renderPairs('Settings', comparison.settings)}\n${renderPairs('Machine', comparison.machine)}\n</div>`,
  ].join('\n');
  return renderDocument('Flashwire bench: peers', head, body);
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

function said(comparison: Comparison): readonly string[] {
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
    return value === null ? [] : [{ name, label, value }];
  });
  const most = Math.max(...values.map(({ value }) => value));
  const rows = values.map(({ name, label, value }, i) => {
    const y = i * rowHeight;
    const text = renderValue({ value, unit });
    return [
      `<text x="0" y="${y + 13}">${escapeHtml(label)}</text>`,
      `<rect class="bar ${name === 'flashwire' ? 'own' : ''}" x="0" y="${y + 18}" width="${((value / most) * barWidth).toFixed(1)}" height="8" rx="2"/>`,
      `<text class="tick" x="${((value / most) * barWidth + 6).toFixed(1)}" y="${y + 26}">${escapeHtml(text)}</text>`,
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
  return `<div class="wide"><table>\n<caption>${escapeHtml(caption)}</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${lines.join('\n')}\n</tbody>\n</table></div>`;
}
