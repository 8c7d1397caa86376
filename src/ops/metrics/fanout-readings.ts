import type { Reading } from './metrics.ts';

/** What a fan-out process tells of itself; the shape of its `stats()`. */
interface FanoutFigures {
  readonly connections: number;
  readonly waiting: number;
  readonly feeds: number;
  readonly editions: Readonly<Record<string, { readonly head: number; readonly isStale: boolean }>>;
  readonly counters: {
    readonly writes: number;
    readonly entriesWritten: number;
    readonly bytesWritten: number;
    readonly skipped: number;
    readonly caughtUp: number;
    readonly resumed: number;
    readonly snapshots: Readonly<Record<string, number>>;
    readonly refused: Readonly<Record<string, number>>;
    readonly cutBy: Readonly<Record<string, number>>;
    readonly repairs: number;
    readonly reloads: number;
    readonly suspected: number;
    readonly stalls: number;
    readonly faults: number;
    readonly longestSliceMs: number;
  };
}

/** The metrics of a fan-out process. */
export function fanoutReadings(stats: () => FanoutFigures): readonly Reading[] {
  const counter = (
    name: string,
    help: string,
    read: Reading['read'],
    label?: string,
    aggregate?: Reading['aggregate'],
  ): Reading => ({
    name: `flashwire_${name}`,
    help,
    read,
    ...(label && { label }),
    ...(aggregate && { aggregate }),
  });
  const byEdition = (pick: (edition: { head: number; isStale: boolean }) => number) =>
    Object.fromEntries(Object.entries(stats().editions).map(([id, edition]) => [id, pick(edition)]));
  return [
    counter('connections', 'Readers connected', () => stats().connections),
    counter('upgrades_waiting', 'Upgrades waiting for their turn', () => stats().waiting),
    counter('feeds', 'Feeds: editions through a filter', () => stats().feeds),
    counter('head', 'seq of the newest entry held', () => byEdition((edition) => edition.head), 'edition', 'max'),
    counter(
      'stale',
      '1 while an edition cannot be followed',
      () => byEdition((edition) => Number(edition.isStale)),
      'edition',
      'max',
    ),
    counter('writes_total', 'Writes to readers', () => stats().counters.writes),
    counter(
      'entries_written_total',
      'Item and removal frames written to readers',
      () => stats().counters.entriesWritten,
    ),
    counter('bytes_written_total', 'Bytes written to readers', () => stats().counters.bytesWritten),
    counter('skipped_total', 'Times a busy reader was passed over', () => stats().counters.skipped),
    counter('caught_up_total', 'Times a reader that had been passed over was served', () => stats().counters.caughtUp),
    counter('resumed_total', 'Readers answered with resumed', () => stats().counters.resumed),
    counter('snapshots_total', 'Snapshots sent, by reason', () => stats().counters.snapshots, 'reason'),
    counter('refused_total', 'Readers refused, by reason', () => stats().counters.refused, 'reason'),
    counter('cut_total', 'Connections cut, by close code', () => stats().counters.cutBy, 'code'),
    counter('repairs_total', 'Holes repaired from the stream', () => stats().counters.repairs),
    counter('reloads_total', 'Editions loaded anew', () => stats().counters.reloads),
    counter('stalls_total', 'Times the process stood still for more than a second', () => stats().counters.stalls),
    counter('faults_total', 'Connections ended by a fault of ours', () => stats().counters.faults),
    counter('rewritten_total', 'Editions whose history was found rewritten', () => stats().counters.suspected),
    counter(
      'longest_slice_seconds',
      'CPU time of the longest slice of the sweep since the start',
      () => stats().counters.longestSliceMs / 1_000,
      undefined,
      'max',
    ),
  ];
}
