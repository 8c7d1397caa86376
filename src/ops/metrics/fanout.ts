import { type Reading, reading } from './metrics.ts';

/** The figures of a fan-out process; the shape of its `stats()`. */
interface FanoutFigures {
  readonly connections: number;
  readonly waiting: number;
  readonly feeds: number;
  readonly isNative: boolean;
  readonly editions: Readonly<Record<string, { readonly head: number; readonly isStale: boolean }>>;
  readonly counters: {
    readonly writes: number;
    readonly nativeWrites: number;
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

export interface FanoutSources {
  stats(): FanoutFigures;
  /** The last canary that arrived through a socket of this process: Redis' time of its append, and its way, ms. */
  canary(): { readonly at: number; readonly tookMs: number } | null;
  /** Redis' clock, ms. */
  now(): number;
  readonly unread: { readonly bytes: number; readonly cut: number };
}

/** The metrics of a fan-out process. */
export function fanoutReadings({ stats, canary, now, unread }: FanoutSources): readonly Reading[] {
  const byEdition = (pick: (edition: { head: number; isStale: boolean }) => number) => () =>
    Object.fromEntries(Object.entries(stats().editions).map(([id, edition]) => [id, pick(edition)]));
  const perEdition = { label: 'edition', aggregate: 'max' } as const;
  const headOf = byEdition(({ head }) => head);
  const staleOf = byEdition(({ isStale }) => Number(isStale));
  return [
    reading('connections', 'Connected readers', () => stats().connections),
    reading('upgrades_waiting', 'Joining readers that wait for their turn', () => stats().waiting),
    reading('feeds', 'Feeds: editions through a filter', () => stats().feeds),
    reading(
      'native',
      '1 if frames leave through the native part, 0 if Node writes them',
      () => Number(stats().isNative),
      { aggregate: 'min' },
    ),
    reading('head', 'seq of the newest entry held', headOf, perEdition),
    reading('stale', '1 while the process cannot follow the edition', staleOf, perEdition),
    ...counterReadings(() => stats().counters),
    ...canaryReadings(canary, now),
    reading(
      'unread_bytes',
      'Answers and frames that clients have not read yet, and bodies that are not whole',
      () => unread.bytes,
    ),
    reading(
      'unread_cut_total',
      'Connections closed because their address held most of the unread bytes',
      () => unread.cut,
    ),
  ];
}

function counterReadings(counters: () => FanoutFigures['counters']): readonly Reading[] {
  const count = (name: string, help: string, pick: (of: FanoutFigures['counters']) => number) =>
    reading(name, help, () => pick(counters()));
  return [
    count('writes_total', 'Writes to readers', ({ writes }) => writes),
    count('native_writes_total', 'Writes to readers that left through the native part', (of) => of.nativeWrites),
    count('entries_written_total', 'Item and removal frames written to readers', (of) => of.entriesWritten),
    count('bytes_written_total', 'Bytes written to readers', ({ bytesWritten }) => bytesWritten),
    count('skipped_total', 'Times that the sweep skipped a busy reader', ({ skipped }) => skipped),
    count('caught_up_total', 'Times that a skipped reader was served later', ({ caughtUp }) => caughtUp),
    count('resumed_total', 'Readers answered with resumed', ({ resumed }) => resumed),
    count('repairs_total', 'Gaps repaired from the stream', ({ repairs }) => repairs),
    count('reloads_total', 'Editions reloaded completely', ({ reloads }) => reloads),
    count('stalls_total', 'Times that the process paused for more than a second', ({ stalls }) => stalls),
    count('faults_total', 'Connections that ended because our own code threw', ({ faults }) => faults),
    count('rewritten_total', 'Editions whose history was found rewritten', ({ suspected }) => suspected),
    reading('snapshots_total', 'Snapshots sent, by reason', () => counters().snapshots, { label: 'reason' }),
    reading('refused_total', 'Refused readers, by reason', () => counters().refused, { label: 'reason' }),
    reading('cut_total', 'Connections cut, by close code', () => counters().cutBy, { label: 'code' }),
    reading(
      'longest_slice_seconds',
      'CPU time of the longest slice of the sweep since the start',
      () => counters().longestSliceMs / 1_000,
      { aggregate: 'max' },
    ),
  ];
}

function canaryReadings(canary: FanoutSources['canary'], now: () => number): readonly Reading[] {
  const startedAt = performance.now();
  return [
    reading(
      'canary_age_seconds',
      'Age of the last canary that arrived through a socket of this process; before the first, age of the process',
      () => {
        const proof = canary();
        return Math.max(0, proof ? now() - proof.at : performance.now() - startedAt) / 1_000;
      },
      { aggregate: 'max' },
    ),
    reading(
      'canary_latency_seconds',
      'Time from the append of the last canary to a reader in this process; 0 before the first',
      () => (canary()?.tookMs ?? 0) / 1_000,
      { aggregate: 'max' },
    ),
  ];
}
