import type { CloseCode } from '../../protocol/close-code.ts';
import type { SnapshotFrame } from '../../protocol/frame.ts';
import { otherNameOf } from '../../protocol/position.ts';
import type { DeliveryLedger } from '../delivery/delivery-ledger.ts';
import type { Replica } from '../edition/replica.ts';
import type { Feed, FeedReader, WriteOutcome } from '../feed/feed.ts';
import type { Batch, FeedWire } from '../feed/feed-wire.ts';
import type { Counters } from '../scheduling/counters.ts';
import type { Transport } from './transport.ts';

/** What a reader has to be told before entries: why it gets a snapshot, or that its resume is in order. */
export type Greeting = SnapshotFrame['reason'] | 'resumed';

/** What readers of a process share. */
export interface ReaderContext {
  readonly counters: Counters;
  readonly ledger: DeliveryLedger;
  /** Monotonic, ms. */
  now(): number;
  /** Called when a busy reader can be written to again. */
  onFlushed(reader: Reader): void;
  /** Something was thrown while one connection was served; it is a fault of ours. */
  onFault(error: unknown): void;
}

export interface ReaderStart {
  readonly transport: Transport;
  readonly feed: Feed;
  readonly wire: FeedWire;
  readonly limit: number;
  readonly greeting: Greeting;
  /** The name of the edition's epoch that its positions are to have. */
  readonly epoch: string;
  readonly cursor: number;
  /** The beginning of the chain's link where its cursor stands, as it was told; empty where it was told none. */
  readonly expected: string;
  /** The head when it came: what lies before it, it had missed while it was away. */
  readonly joinedAt: number;
  /** A resume is answered only once there is something to tell (a poll). */
  readonly isPatient: boolean;
}

/**
 * A connection: a transport and a cursor, no queue. What it is sent next follows from its cursor and the feed alone, so a
 * reader that cannot be written to costs nothing until it can. Its cursor never goes back within an epoch.
 */
export class Reader implements FeedReader {
  readonly transport: Transport;
  readonly feed: Feed;
  /** Where it sits in its feed and in the beat wheel; theirs to change. */
  index = 0;
  bucket = 0;
  bucketIndex = 0;
  beatTurn = -1;
  readonly #wire: FeedWire;
  readonly #context: ReaderContext;
  readonly #limit: number;
  readonly isPatient: boolean;
  #joinedAt: number;
  /** Reads of the log's head that had begun when it came. */
  readonly #joinedInRead: number;
  #epoch: string;
  #greeting: Greeting | null;
  #cursor: number;
  #generation: number;
  /** Not compared with the log yet; a reader may be ahead of this process. */
  #expected: string;
  #staleTold: boolean;
  #isWaiting = false;
  /** It was passed over since its last write. */
  #wasBusy = false;
  #isGone = false;
  /** `signsOfLife` when it was last pinged; -1 before. */
  #signsAtPing = -1;

  constructor(start: ReaderStart, context: ReaderContext) {
    this.transport = start.transport;
    this.feed = start.feed;
    this.#wire = start.wire;
    this.#limit = start.limit;
    this.isPatient = start.isPatient;
    this.#joinedAt = start.joinedAt;
    this.#joinedInRead = start.feed.edition.headReads.begun;
    this.#epoch = start.epoch;
    this.#greeting = start.greeting;
    this.#cursor = start.cursor;
    this.#generation = start.feed.edition.generation;
    this.#expected = start.expected;
    this.#staleTold = start.feed.edition.isStale;
    this.#context = context;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** It came with a position at this seq or beyond it, and has not been taken back: an entry of this seq is not for it. */
  isBeyond(seq: number): boolean {
    return this.#isOfThisHistory && this.#cursor >= seq;
  }

  /**
   * Whether it is to be told anew: the log's head has been read since it came, and its position is beyond that. Nobody can
   * have given it out of this log, so it gets a snapshot; no other reader is concerned.
   */
  rejectPosition(replica: Replica): boolean {
    const isInvented =
      this.#isOfThisHistory &&
      this.#cursor > replica.head &&
      this.feed.edition.headReads.confirmed > this.#joinedInRead;
    if (!isInvented || this.#greeting === 'epoch') return false;
    this.#greeting = 'epoch';
    this.#expected = '';
    this.#epoch = otherNameOf(this.#epoch);
    return true;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Whether it has not been told all there is to tell; its feed is caught up. */
  get hasNews(): boolean {
    const { edition } = this.feed;
    return (
      (this.#greeting !== null && !this.#isWaitingForNews) ||
      this.feed.last > this.#cursor ||
      this.#staleTold !== edition.isStale ||
      !this.#isOfThisHistory
    );
  }

  /** Writes the next part of what lies between the cursor and the head, as one write, if there is any and it can be written. */
  deliver(replica: Replica): WriteOutcome {
    if (this.#isGone) return 'closed';
    this.#compare(replica);
    if (!this.hasNews) return 'current';
    if (this.transport.isBusy) {
      this.#wait();
      return 'busy';
    }
    const { counters, ledger } = this.#context;
    // In another history it has had nothing yet.
    const from = this.#isOfThisHistory ? this.#cursor : 0;
    const batch = this.#next(replica);
    counters.entriesWritten += batch.entries;
    // Before the write: a transport may end its reader within it, and that books from the cursor on.
    this.#cursor = Math.max(this.#cursor, batch.to);
    const wasBusy = this.#wasBusy;
    this.#wasBusy = false;
    try {
      this.#write(batch.bytes);
    } catch (error) {
      ledger.left(this.feed, Math.max(from, this.#joinedAt), this.#cursor);
      throw error;
    }
    if (this.feed.last > from) ledger.wrote(this.feed, from, this.#cursor, this.#joinedAt, wasBusy);
    return 'written';
  }

  /** Beat and ping. Returns false when the reader has given no sign of life since the ping before: it is to be cut. */
  beat(replica: Replica): boolean {
    this.deliver(replica);
    // A transport may have ended it with what it was sent.
    if (this.#isGone) return true;
    if (this.transport.isBusy) {
      this.#wait();
      return true;
    }
    const { signsOfLife } = this.transport;
    if (signsOfLife === this.#signsAtPing) return false;
    // Frames that are still to come have to leave first: the beat would say that there are none.
    if (this.hasNews) return true;
    this.#signsAtPing = signsOfLife;
    this.#write(this.#wire.beat(replica, this.#cursor));
    return true;
  }

  /** What the process says to all readers, outside of any feed. */
  send(bytes: Buffer): void {
    if (!this.#isGone && !this.transport.isBusy) this.#write(bytes);
  }

  cut(code: CloseCode, reason: string): void {
    if (this.#isGone) return;
    this.#context.counters.cutBy[code]++;
    this.leave();
    this.transport.close(code, reason);
  }

  /** What was done for it has thrown: its connection ends, and nobody else's. */
  fail(error: unknown): void {
    this.#context.onFault(error);
    this.end();
  }

  end(): void {
    this.leave();
    this.transport.terminate();
  }

  /** Nothing is written to it from here on: whoever ends its connection says so first. */
  leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const { ledger, now } = this.#context;
    // From this moment: what comes until its connection has closed is not for it.
    this.feed.remove(this, now());
    const from = this.#isOfThisHistory ? Math.max(this.#cursor, this.#joinedAt) : 0;
    ledger.left(this.feed, from, this.feed.last);
  }

  /** Of another history than its own it is told anew, once this process knows what stands where it stood. */
  #compare(replica: Replica): void {
    if (this.#expected === '' || this.#cursor > replica.head) return;
    const { hash } = replica.positionAt(this.#cursor);
    if (hash !== '' && hash !== this.#expected) this.#greeting = 'epoch';
    this.#expected = '';
  }

  get #isOfThisHistory(): boolean {
    return this.#generation === this.feed.edition.generation;
  }

  get #isWaitingForNews(): boolean {
    return this.isPatient && this.#greeting === 'resumed' && this.feed.last <= this.#cursor;
  }

  #next(replica: Replica): Batch {
    const { edition } = this.feed;
    if (!this.#isOfThisHistory) {
      this.#greeting = 'epoch';
      this.#epoch = replica.epoch;
    } else if (this.#cursor < this.feed.floor && this.#greeting !== 'start') this.#greeting = 'gap';
    if (this.#greeting !== null && !this.#isWaitingForNews) return this.#greet(replica, this.#greeting);
    if (this.feed.last > this.#cursor) return this.#wire.batch(replica, this.#cursor);
    this.#staleTold = edition.isStale;
    return { bytes: this.#wire.beat(replica, this.#cursor), to: replica.head, entries: 0 };
  }

  #greet(replica: Replica, greeting: Greeting): Batch {
    const { counters } = this.#context;
    const isResume = greeting === 'resumed';
    // First what can throw: a reader that fails leaves from where it stood.
    const batch = isResume
      ? this.#wire.resumed(replica, this.#cursor, this.#epoch)
      : this.#wire.snapshot(replica, this.#limit, greeting, this.#epoch);
    if (isResume) counters.resumed++;
    else {
      counters.snapshots[greeting]++;
      // A snapshot is the one frame that may take the cursor anywhere.
      this.#cursor = replica.head;
      if (!this.#isOfThisHistory) this.#joinedAt = 0;
    }
    const { edition } = this.feed;
    this.#greeting = null;
    this.#generation = edition.generation;
    this.#staleTold = edition.isStale;
    return batch;
  }

  #write(bytes: Buffer): void {
    this.#context.counters.writes++;
    this.#context.counters.bytesWritten += bytes.length;
    this.transport.write(bytes);
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#wasBusy = true;
    this.#context.counters.skipped++;
    this.transport.whenFlushed(() => {
      this.#isWaiting = false;
      if (!this.#isGone) this.#context.onFlushed(this);
    });
  }
}
