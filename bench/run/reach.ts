import { type SwarmReport, total, words } from '../readers/swarm-report.ts';
import type { Posted } from './poster.ts';

/** How far one posted item came. Times in ms; null when no reader has it. */
export interface Reach {
  readonly id: string;
  readonly readers: number;
  /** From the moment its POST was due to the first and the last reader that has it. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** From the append, by Redis' clock, to the last reader. */
  readonly sinceAppendMs: number | null;
  /** The same for the readers that had been answered before the append, when there are any. */
  readonly liveReaders: number;
  readonly liveMs: number | null;
}

/** Joins what was posted with what was seen. `wallOffset` turns the readers' clock into ms since 1970. */
export function reachOf(
  posted: readonly Posted[],
  report: Pick<SwarmReport, 'sightings'>,
  wallOffset: number,
): readonly Reach[] {
  const byId = new Map(report.sightings.toReversed().map((sighting) => [sighting.id, sighting]));
  return posted.map(({ id, dueAt }) => {
    const seen = byId.get(id);
    if (seen === undefined || seen.count === 0)
      return { id, readers: 0, firstMs: null, lastMs: null, sinceAppendMs: null, liveReaders: 0, liveMs: null };
    const sinceAppendMs = seen.appendedAt === 0 ? null : seen.last + wallOffset - seen.appendedAt;
    const liveMs = seen.liveCount === 0 ? null : seen.liveLast + wallOffset - seen.appendedAt;
    const [firstMs, lastMs] = [seen.first - dueAt, seen.last - dueAt];
    return { id, readers: seen.count, firstMs, lastMs, sinceAppendMs, liveReaders: seen.liveCount, liveMs };
  });
}

/** Deliveries that are missing: readers times items, less what was seen. */
export function lostOf(reaches: readonly Reach[], readers: number): number {
  return reaches.reduce((sum, reach) => sum + Math.max(0, readers - reach.readers), 0);
}

/** Whatever no reader may ever see, in words. Empty: the run has passed. */
export function faultsOf(report: SwarmReport, reaches: readonly Reach[], readers: number): readonly string[] {
  const lost = lostOf(reaches, readers);
  const twice = reaches.filter((reach) => reach.readers > readers).length;
  return [
    ...Object.entries(report.faults).map(([kind, times]) => `${kind}: ${times}`),
    ...report.examples.slice(0, 5).map((example) => `for example ${example}`),
    ...(lost > 0 ? [`lost: ${lost} of ${readers * reaches.length} deliveries`] : []),
    ...(twice > 0 ? [`items that more readers have than there are: ${twice}`] : []),
    ...(report.open < readers
      ? [
          `readers without a connection at the end: ${readers - report.open} (${words(report.refused) || words(report.dropped) || 'no answer'})`,
        ]
      : []),
  ];
}

/** Things a person should know before quoting a figure. */
export function warningsOf(report: SwarmReport): readonly string[] {
  return [
    ...(total(report.dropped) > 0 ? [`connections lost on the way: ${words(report.dropped)}`] : []),
    ...(total(report.refused) > 0 ? [`attempts to connect that failed: ${words(report.refused)}`] : []),
  ];
}
