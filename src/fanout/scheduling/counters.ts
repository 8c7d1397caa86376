import { type CloseCode, closeCodes } from '../../protocol/close-code.ts';

/** What a fan-out process has done since it started. All names are closed sets. */
export class Counters {
  /** Writes to readers, whatever they carried. */
  writes = 0;
  /** Item and removal frames that left in those writes. */
  entriesWritten = 0;
  bytesWritten = 0;
  /** Times that a busy reader was passed over, and that it was served once it was not. */
  skipped = 0;
  caughtUp = 0;
  resumed = 0;
  readonly snapshots = { start: 0, gap: 0, epoch: 0 };
  readonly refused = { busy: 0, memory: 0, address: 0, origin: 0, query: 0, draining: 0, history: 0 };
  readonly cutBy: Record<CloseCode, number>;
  repairs = 0;
  reloads = 0;
  /** Editions whose history was found rewritten. */
  suspected = 0;
  /** Times that the loop of this process stood still for more than a second. */
  stalls = 0;
  /** Connections that were ended because something was thrown while they were served. */
  faults = 0;
  /** CPU time of the process, its helper threads included: what the machine did meanwhile does not count. */
  longestSliceMs = 0;

  constructor() {
    this.cutBy = Object.fromEntries(Object.values(closeCodes).map((code) => [code, 0])) as Record<CloseCode, number>;
  }
}
