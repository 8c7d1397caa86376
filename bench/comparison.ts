import { z } from 'zod';
import { renderValue } from './figure.ts';

/** What one round of one system gave. Times in ms, memory in kB, CPU in us; null where it could not be had. */
export const roundSchema = z.object({
  peer: z.string(),
  steadyCpu: z.number().nullable(),
  steadyLast: z.number().nullable(),
  /** From the append, where there is one: what comes before it no peer has. */
  steadyLastSinceAppend: z.number().nullable(),
  burstCpu: z.number().nullable(),
  burstDone: z.number().nullable(),
  rss: z.number().nullable(),
  readerCpu: z.number().nullable(),
  lost: z.number(),
  faults: z.array(z.string()),
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

type Measure = {
  [K in keyof Round]: Round[K] extends number | null ? K : never;
}[keyof Round];

interface Column {
  readonly measure: Measure;
  readonly title: string;
  readonly unit: 'us' | 'ms' | 's' | 'kB' | '';
  /** Peers that the ratio is taken to. */
  readonly against: readonly string[];
}

const columns: readonly Column[] = [
  { measure: 'steadyCpu', title: 'steady: CPU a frame', unit: 'us', against: ['floor'] },
  { measure: 'steadyLast', title: 'steady: last reader p50', unit: 'ms', against: ['floor'] },
  { measure: 'steadyLastSinceAppend', title: '... since the append', unit: 'ms', against: [] },
  { measure: 'burstCpu', title: 'burst: CPU a frame', unit: 'us', against: ['floor', 'floor-coalesce'] },
  { measure: 'burstDone', title: 'burst: all done', unit: 'ms', against: ['floor'] },
  { measure: 'rss', title: 'RSS a reader', unit: 'kB', against: [] },
  { measure: 'readerCpu', title: "readers' CPU a frame", unit: 'us', against: [] },
  { measure: 'lost', title: 'lost', unit: '', against: [] },
];

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** Median over the rounds of one system. */
export function medianOf(comparison: Pick<Comparison, 'rounds'>, peer: string, measure: Measure): number | null {
  return median(
    comparison.rounds.flatMap((round) => (round.peer === peer && round[measure] !== null ? [round[measure]] : [])),
  );
}

/** How many times the other's median; null where either is missing. */
export function ratio(
  comparison: Pick<Comparison, 'rounds'>,
  peer: string,
  other: string,
  measure: Measure,
): number | null {
  const [mine, theirs] = [medianOf(comparison, peer, measure), medianOf(comparison, other, measure)];
  return mine === null || theirs === null || theirs === 0 ? null : mine / theirs;
}

/** The medians as rows of cells, the first row being the titles. */
export function comparisonTable(comparison: Comparison): readonly (readonly string[])[] {
  const rows = comparison.peers.map(({ name, label }) => [
    label,
    ...columns.map((column) => cell(comparison, name, column)),
  ]);
  return [['', ...columns.map(({ title }) => title)], ...rows];
}

/** Where another system does better than Flashwire, in plain words. */
export function peersThatWin(comparison: Comparison): readonly string[] {
  const lower: readonly Measure[] = ['steadyCpu', 'steadyLast', 'burstCpu', 'burstDone', 'rss'];
  return comparison.peers.flatMap(({ name, label }) =>
    lower.flatMap((measure) => {
      const times = name === 'flashwire' ? null : ratio(comparison, 'flashwire', name, measure);
      if (times === null || times <= 1) return [];
      const title = columns.find((column) => column.measure === measure)?.title ?? measure;
      return [`${label} wins at "${title}": Flashwire takes ${times.toFixed(2)} times as much.`];
    }),
  );
}

export function renderComparison(comparison: Comparison): string {
  const table = comparisonTable(comparison);
  const turned = (table[0] ?? []).map((_, column) => table.map((row) => row[column] ?? ''));
  const widths = turned.map((cells) => Math.max(...cells.map((text) => text.length)));
  const lines = table.map((row) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  '),
  );
  const settings = Object.entries(comparison.settings).map(([name, value]) => `${name} ${value}`);
  return [
    `peers: ${settings.join(', ')}; medians, in brackets the ratio to the C loop (and to the coalescing one)`,
    ...lines,
    ...comparison.absent.map((what) => `left out: ${what}`),
    ...peersThatWin(comparison),
    ...comparison.rounds.flatMap((round) => round.faults.map((fault) => `${round.peer}: ${fault}`)),
  ].join('\n');
}

function cell(comparison: Comparison, peer: string, { measure, unit, against }: Column): string {
  const value = medianOf(comparison, peer, measure);
  if (value === null) return '';
  const ratios = against.flatMap((other) => {
    const times = other === peer ? null : ratio(comparison, peer, other, measure);
    return times === null ? [] : [`${times.toFixed(2)}x`];
  });
  return `${renderValue({ value, unit })}${ratios.length === 0 ? '' : ` (${ratios.join(', ')})`}`;
}
