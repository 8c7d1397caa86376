import { z } from 'zod';

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

export type Rounds = Pick<Comparison, 'rounds'>;

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
export const contested: readonly (readonly [Measure, string])[] = [
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
  const { less, more, equal } = roundsOf(comparison, own, peer, measure);
  const notes = [
    ...(fromAppend === null ? [] : [`${fromAppend.toFixed(2)} counted from the append`]),
    ...(less + equal > 0 ? [`in ${more} of ${less + equal + more} rounds`] : []),
  ];
  return notes.length === 0 ? '' : ` (${notes.join(', ')})`;
}

/** In how many rounds one system took less than another, more, and the same. */
export function roundsOf(comparison: Rounds, peer: string, other: string, measure: Measure) {
  const theirs = ofEachRound(comparison, other, measure);
  const signs = ofEachRound(comparison, peer, measure).flatMap((value, i) => {
    const rival = theirs[i] ?? null;
    return value === null || rival === null ? [] : [Math.sign(value - rival)];
  });
  const count = (sign: number) => signs.filter((one) => one === sign).length;
  return { less: count(-1), more: count(1), equal: count(0) };
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
