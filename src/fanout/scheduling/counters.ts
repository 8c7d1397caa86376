import { type CloseCode, closeCodes } from '../../protocol/close-code.ts';

/** Counts since the process started; the source of its metrics. All names are closed sets. */
export class Counters {
  /** Writes to readers of any content. */
  writes = 0;
  /** Those of them that left through the native part in whole. */
  nativeWrites = 0;
  /** Item and removal frames in those writes. */
  entriesWritten = 0;
  bytesWritten = 0;
  /** `skipped`: a reader was passed over because its socket was busy. `caughtUp`: the reader could be served again. */
  skipped = 0;
  caughtUp = 0;
  resumed = 0;
  readonly snapshots = { start: 0, gap: 0, epoch: 0 };
  readonly refused = { busy: 0, memory: 0, address: 0, origin: 0, query: 0, draining: 0, history: 0 };
  readonly cutBy: Record<CloseCode, number>;
  repairs = 0;
  reloads = 0;
  /** Times that an edition's log no longer contained what this process had read from it. */
  suspected = 0;
  /** Times that the event loop stalled for more than a second. */
  stalls = 0;
  /** Connections that ended because an exception was thrown while they were served. */
  faults = 0;
  /** CPU time of the process, helper threads included, so that a busy machine does not count. */
  longestSliceMs = 0;

  constructor() {
    this.cutBy = Object.fromEntries(Object.values(closeCodes).map((code) => [code, 0])) as Record<CloseCode, number>;
  }
}
