import {
  type Comparison,
  contested,
  isOwn,
  type Measure,
  medianOf,
  peersThatWin,
  type Rounds,
  ratio,
  roundsOf,
  spreadOf,
} from './comparison.ts';
import { renderValue } from './figure.ts';

interface Column {
  readonly measure: Measure;
  readonly title: string;
  readonly unit: 'us' | 'ms' | 'kB' | '';
  /** Peers that the ratio is taken to. */
  readonly against: readonly string[];
}

const floors = ['floor'];
const bothFloors = ['floor', 'floor-coalesce'];

const tables: readonly { readonly title: string; readonly columns: readonly Column[] }[] = [
  {
    title: 'steady',
    columns: [
      { measure: 'steadyCpu', title: 'CPU a frame', unit: 'us', against: floors },
      { measure: 'steadyLast', title: 'last reader p50', unit: 'ms', against: floors },
      { measure: 'steadyLastMax', title: 'max', unit: 'ms', against: floors },
      { measure: 'steadyLastSinceAppend', title: 'p50 since append', unit: 'ms', against: [] },
      { measure: 'readerCpu', title: "readers' CPU a frame", unit: 'us', against: [] },
    ],
  },
  {
    title: 'burst',
    columns: [
      { measure: 'burstCpu', title: 'CPU a frame', unit: 'us', against: bothFloors },
      { measure: 'burstLast', title: 'last reader p50', unit: 'ms', against: bothFloors },
      { measure: 'burstLastMax', title: 'max', unit: 'ms', against: bothFloors },
      { measure: 'burstLastSinceAppend', title: 'p50 since append', unit: 'ms', against: [] },
      { measure: 'burstDone', title: 'all done', unit: 'ms', against: bothFloors },
      { measure: 'burstReaderCpu', title: "readers' CPU a frame", unit: 'us', against: [] },
    ],
  },
  {
    title: 'both',
    columns: [
      { measure: 'rss', title: 'RSS a reader', unit: 'kB', against: [] },
      { measure: 'lost', title: 'lost', unit: '', against: [] },
      { measure: 'gaps', title: 'gaps', unit: '', against: [] },
      { measure: 'duplicates', title: 'duplicates', unit: '', against: [] },
    ],
  },
];

/** The medians as tables of cells, and in how many rounds Flashwire took less; the first row of each holds the titles. */
export function comparisonTables(comparison: Comparison): readonly (readonly (readonly string[])[])[] {
  return [
    ...tables.map(({ title, columns }) => [
      [title, ...columns.map((column) => column.title)],
      ...comparison.peers.map(({ name, label }) => [label, ...columns.map((column) => cell(comparison, name, column))]),
    ]),
    ...roundTable(comparison),
  ];
}

/** None of a single round. */
function roundTable(comparison: Comparison): readonly (readonly (readonly string[])[])[] {
  const own = comparison.peers.find(({ name }) => isOwn(name));
  const others = comparison.peers.filter(({ name }) => !isOwn(name));
  if (own === undefined || others.length === 0 || Number(comparison.settings['rounds']) < 2) return [];
  return [
    [
      ['rounds in which Flashwire took less than', ...contested.map(([, what]) => what)],
      ...others.map(({ name, label }) => [
        label,
        ...contested.map(([measure]) => {
          const { less, more, equal } = roundsOf(comparison, own.name, name, measure);
          return less + more + equal === 0 ? '-' : `${less} of ${less + more + equal}`;
        }),
      ]),
    ],
  ];
}

export function renderComparison(comparison: Comparison): string {
  const settings = Object.entries(comparison.settings).map(([name, value]) => `${name} ${value}`);
  const said = (kind: 'warnings' | 'faults') => [
    ...new Set(comparison.rounds.flatMap((round) => round[kind].map((text) => `${round.peer}: ${text}`))),
  ];
  return [
    `peers: ${settings.join(', ')}`,
    'Medians over the rounds; in brackets the least and the most of them, and the ratio to the C loop, in a burst also to the coalescing one.',
    ...comparisonTables(comparison).flatMap((table) => ['', ...alignedLines(table)]),
    '',
    ...comparison.absent.map((what) => `left out: ${what}`),
    ...peersThatWin(comparison),
    ...said('warnings').map((text) => `warning: ${text}`),
    ...said('faults'),
  ].join('\n');
}

function cell(comparison: Rounds, peer: string, { measure, unit, against }: Column): string {
  const value = medianOf(comparison, peer, measure);
  if (value === null) return '-';
  const ratios = against.flatMap((other) => {
    const more = other === peer ? null : ratio(comparison, peer, other, measure);
    return more === null ? [] : [`${more.toFixed(2)}x`];
  });
  const notes = [spreadWords(spreadOf(comparison, peer, measure), value), ...ratios].filter(Boolean);
  return `${renderValue({ value, unit })}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

/** Without a unit; nothing where all rounds gave the same. */
function spreadWords(spread: readonly [number, number] | null, median: number): string {
  if (spread === null || spread[0] === spread[1]) return '';
  const fewer = median >= 100 ? 0 : median >= 10 ? 1 : 2;
  return spread.map((value) => value.toLocaleString('en', { maximumFractionDigits: fewer })).join(' to ');
}

function alignedLines(table: readonly (readonly string[])[]): readonly string[] {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  '),
  );
}
