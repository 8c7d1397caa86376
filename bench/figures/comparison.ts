import { z } from 'zod';
import { renderValue } from './figure.ts';

const measured = z.number().nullable();

/** What one round of one system gave. Times in ms, memory in kB, CPU in us; null where it could not be had. */
const roundSchema = z.object({
  peer: z.string(),
  /** CPU of the process that serves, by delivered frame. */
  steadyCpu: measured,
  /** From the time at which a message was due to the last reader that has it: median and most. */
  steadyLast: measured,
  steadyLastMax: measured,
  /** From the append, where there is one: what comes before it no peer has. Median. */
  steadyLastSinceAppend: measured,
  burstCpu: measured,
  burstLast: measured,
  burstLastMax: measured,
  burstLastSinceAppend: measured,
  /** From the first message to the last delivery; null when one is missing. */
  burstDone: measured,
  rss: measured,
  /** CPU of the readers, by delivered frame. */
  readerCpu: measured,
  burstReaderCpu: measured,
  lost: z.number(),
  gaps: z.number(),
  duplicates: z.number(),
  faults: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type Round = z.infer<typeof roundSchema>;

export const comparisonSchema = z.object({
  kind: z.literal('comparison'),
  at: z.string(),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  peers: z.array(z.object({ name: z.string(), label: z.string() })),
  /** Named by what is missing on the machine. */
  absent: z.array(z.string()),
  rounds: z.array(roundSchema),
});

export type Comparison = z.infer<typeof comparisonSchema>;

export type Measure = {
  [K in keyof Round]: Round[K] extends number | null ? K : never;
}[keyof Round];

type Rounds = Pick<Comparison, 'rounds'>;

/** A round that could not be made or ended: a fact about the system, not the end of the comparison. */
export function failedRound(peer: string, reason: string): Round {
  return {
    peer,
    steadyCpu: null,
    steadyLast: null,
    steadyLastMax: null,
    steadyLastSinceAppend: null,
    burstCpu: null,
    burstLast: null,
    burstLastMax: null,
    burstLastSinceAppend: null,
    burstDone: null,
    rss: null,
    readerCpu: null,
    burstReaderCpu: null,
    lost: 0,
    gaps: 0,
    duplicates: 0,
    faults: [`the round failed: ${reason}`],
    warnings: [],
  };
}

/** Of an even number the mean of the two in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** Median over the rounds of one system. */
export function medianOf(comparison: Rounds, peer: string, measure: Measure): number | null {
  return median(valuesOf(comparison, peer, measure));
}

/** How many times the other's median; null where either is missing. */
export function ratio(comparison: Rounds, peer: string, other: string, measure: Measure): number | null {
  return times(medianOf(comparison, peer, measure), medianOf(comparison, other, measure));
}

/** Flashwire itself, or behind a proxy. */
export function isOwn(peer: string): boolean {
  return peer.startsWith('flashwire');
}

/** Where another system does better than Flashwire: a line for each system that does, in plain words. */
export function peersThatWin(comparison: Comparison): readonly string[] {
  const own = comparison.peers.find(({ name }) => isOwn(name));
  if (own === undefined) return [];
  return comparison.peers.flatMap(({ name, label }) => {
    const wins = contested.flatMap(([measure, what]) => {
      const more = isOwn(name) ? null : ratio(comparison, own.name, name, measure);
      if (more === null || more <= 1) return [];
      return [`${what}: ${more.toFixed(2)} times as much${qualification(comparison, own.name, name, measure)}`];
    });
    const loser = own.name === 'flashwire' ? 'Flashwire' : own.label;
    return wins.length === 0 ? [] : [`${label} beats ${loser}, which takes: ${wins.join('; ')}.`];
  });
}

/** Where less is better, and what it is called in a sentence. */
const contested: readonly (readonly [Measure, string])[] = [
  ['steadyCpu', 'CPU a frame, steady'],
  ['steadyLast', 'time to the last reader, steady'],
  ['burstCpu', 'CPU a frame, burst'],
  ['burstLast', 'time to the last reader, burst'],
  ['burstDone', 'time until all is done, burst'],
  ['rss', 'memory a reader'],
];

const sinceAppend: Partial<Record<Measure, Measure>> = {
  steadyLast: 'steadyLastSinceAppend',
  burstLast: 'burstLastSinceAppend',
};

/** What has to be said with a ratio: a peer has no queue and no log, and rounds differ among themselves. */
function qualification(comparison: Rounds, own: string, peer: string, measure: Measure): string {
  const since = sinceAppend[measure];
  const fromAppend =
    since === undefined ? null : times(medianOf(comparison, own, since), medianOf(comparison, peer, measure));
  const [mine, theirs] = [ofEachRound(comparison, own, measure), ofEachRound(comparison, peer, measure)];
  const pairs = mine.flatMap((value, i) => {
    const other = theirs[i] ?? null;
    return value === null || other === null ? [] : [value > other];
  });
  const won = pairs.filter(Boolean).length;
  const notes = [
    ...(fromAppend === null ? [] : [`${fromAppend.toFixed(2)} counted from the append`]),
    ...(won < pairs.length ? [`in ${won} of ${pairs.length} rounds`] : []),
  ];
  return notes.length === 0 ? '' : ` (${notes.join(', ')})`;
}

/** Least and most over the rounds; null of fewer than two. */
export function spreadOf(comparison: Rounds, peer: string, measure: Measure): readonly [number, number] | null {
  const values = valuesOf(comparison, peer, measure);
  return values.length < 2 ? null : [Math.min(...values), Math.max(...values)];
}

function valuesOf(comparison: Rounds, peer: string, measure: Measure): readonly number[] {
  return ofEachRound(comparison, peer, measure).filter((value) => value !== null);
}

function ofEachRound(comparison: Rounds, peer: string, measure: Measure): readonly (number | null)[] {
  return comparison.rounds.filter((round) => round.peer === peer).map((round) => round[measure]);
}

function times(mine: number | null, theirs: number | null): number | null {
  return mine === null || theirs === null || theirs === 0 ? null : mine / theirs;
}

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

/** The medians as tables of cells; the first row of each holds the titles. */
export function comparisonTables(comparison: Comparison): readonly (readonly (readonly string[])[])[] {
  return tables.map(({ title, columns }) => [
    [title, ...columns.map((column) => column.title)],
    ...comparison.peers.map(({ name, label }) => [label, ...columns.map((column) => cell(comparison, name, column))]),
  ]);
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
