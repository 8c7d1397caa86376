import { type Curve, type Figure, figure, type Quantile } from '../figures/figure.ts';
import { type Histogram, mergeHistograms, quantileMs } from '../figures/histogram.ts';
import type { Taken } from './arrivals.ts';

/** How long deliveries took, since the moment that each POST was due: a late POST counts its lateness. */
export interface Latency {
  readonly histogram: Histogram;
  readonly entries: readonly EntryArrivals[];
}

/** How one entry spread: [readers that have it, ms since its POST was due], both rising. */
export interface EntryArrivals {
  readonly seq: number;
  readonly points: readonly (readonly [number, number])[];
}

/** What several processes of readers have recorded, as if they were one. */
export function latencyOf(taken: readonly Taken[]): Latency {
  return {
    histogram: mergeHistograms(taken.map((one) => one.histogram)),
    entries: mergeEntries(taken.flatMap((one) => one.entries)),
  };
}

export function latencyFigures(latency: Latency): readonly Figure[] {
  const at = (share: number) => quantileMs(latency.histogram, share);
  return [
    figure('delivery_p50', 'delivery after POST, p50', at(0.5), 'ms'),
    figure('delivery_p90', 'delivery after POST, p90', at(0.9), 'ms'),
    figure('delivery_p99', 'delivery after POST, p99', at(0.99), 'ms'),
    figure('delivery_p999', 'delivery after POST, p99.9', at(0.999), 'ms'),
    figure('delivery_p9999', 'delivery after POST, p99.99', at(0.9999), 'ms'),
    figure('delivery_max', 'delivery after POST, max', at(1), 'ms'),
  ];
}

/** The distribution with as many points between 99 % and 99.9 % as between 0 and 90 %, to 99.99 %. Empty of none. */
export function cdfOf(latency: Latency): readonly Quantile[] {
  return Array.from({ length: 4 * pointsPerNine + 1 }, (_, i) => 1 - 10 ** (-i / pointsPerNine)).flatMap((quantile) => {
    const ms = quantileMs(latency.histogram, quantile);
    return ms === null ? [] : { quantile: Number(quantile.toFixed(6)), ms };
  });
}

/** Share of the readers reached over ms since the POST was due, for the middle item and for the slowest. */
export function reachCurves(latency: Latency, readers: number): readonly Curve[] {
  const bySpeed = latency.entries
    .filter((entry) => entry.points.length > 0)
    .toSorted((a, b) => (a.points.at(-1)?.[1] ?? 0) - (b.points.at(-1)?.[1] ?? 0));
  const middle = bySpeed[Math.floor((bySpeed.length - 1) / 2)];
  const slowest = bySpeed.at(-1);
  return [
    ...(middle === undefined ? [] : [{ label: 'median item', points: curve(middle, readers) }]),
    ...(slowest === undefined || slowest === middle
      ? []
      : [{ label: 'slowest item', points: curve(slowest, readers) }]),
  ];
}

const pointsPerNine = 12;

function curve(entry: EntryArrivals, readers: number): Curve['points'] {
  return entry.points.map(([reached, ms]) => [Number(ms.toFixed(3)), Number((reached / readers).toFixed(6))]);
}

function mergeEntries(entries: readonly EntryArrivals[]): readonly EntryArrivals[] {
  const bySeq = new Map<number, EntryArrivals['points'][]>();
  for (const { seq, points } of entries) bySeq.set(seq, [...(bySeq.get(seq) ?? []), points]);
  return [...bySeq].map(([seq, parts]) => ({ seq, points: mergePoints(parts) }));
}

/** Ranks within each process become ranks among all: each point brings the readers since the one before it. */
function mergePoints(parts: readonly EntryArrivals['points'][]): EntryArrivals['points'] {
  const steps = parts.flatMap((points) =>
    points.map(([rank, ms], i) => [rank - (points[i - 1]?.[0] ?? 0), ms] as const),
  );
  let reached = 0;
  return steps
    .toSorted((a, b) => a[1] - b[1])
    .map(([more, ms]) => {
      reached += more;
      return [reached, ms] as const;
    });
}
