import type { CloseCode } from '../../protocol/close-code.ts';
import type { SnapshotFrame } from '../../protocol/frame.ts';
import { otherNameOf } from '../../protocol/position.ts';
import type { DeliveryLedger } from '../delivery/delivery-ledger.ts';
import type { Replica } from '../edition/replica.ts';
import type { Feed, FeedReader, WriteOutcome } from '../feed/feed.ts';
import type { Batch, FeedWire } from '../feed/feed-wire.ts';
import type { Counters } from '../scheduling/counters.ts';
import type { Transport } from './transport.ts';

/** The first frame of a reader: a snapshot with its reason, or the answer to a resume. */
export type Greeting = SnapshotFrame['reason'] | 'resumed';

/** What all readers of a process share. */
export interface ReaderContext {
  readonly counters: Counters;
  readonly ledger: DeliveryLedger;
  /** Monotonic, ms. */
  now(): number;
  /** Called when the socket of a busy reader is free again. */
  onFlushed(reader: Reader): void;
  /** Called with an exception that was thrown while one connection was served: a defect. */
  onFault(error: unknown): void;
}

/** What a reader starts with, once its position has been checked. */
export interface ReaderStart {
  readonly transport: Transport;
  readonly feed: Feed;
  readonly wire: FeedWire;
  readonly limit: number;
  readonly hasLongBeat: boolean;
  readonly greeting: Greeting;
  /** The name of the edition's epoch in the reader's positions. */
  readonly epoch: string;
  /** Seq up to which the client has received its feed. */
  readonly cursor: number;
  /** The hash in the position that the client sent; empty if it has none. */
  readonly expected: string;
  /** The head when the reader joined. It missed the entries up to here while it was disconnected. */
  readonly joinedAt: number;
  /** True for a poll that waits: a resume is answered only when there is news. */
  readonly isPatient: boolean;
}

/**
 * A connection: a transport and a cursor, no queue. The next write follows from the cursor and the feed alone, so a reader
 * with a busy socket costs nothing until the socket is free. Within an epoch the cursor never goes back.
 */
export class Reader implements FeedReader {
  // What a write needs comes first. Of 10,000 readers, the processor has none at hand, and it fetches 64 bytes at a time.
  readonly transport: Transport;
  readonly feed: Feed;
  readonly #wire: FeedWire;
  readonly #context: ReaderContext;
  #cursor: number;
  #joinedAt: number;
  #epochChanges: number;
  #greeting: Greeting | null;
  /** The hash to compare with the log, empty once done. Waits while the reader is ahead of this process. */
  #expected: string;
  /** The staleness that the client was last sent. */
  #sentStale: boolean;
  /** It was skipped since its last write. */
  #wasBusy = false;
  #isGone = false;
  #isWaiting = false;
  /** Its places in the feed and in the beat wheel. Only they change them. */
  index = 0;
  bucket = 0;
  bucketIndex = 0;
  beatTurn = -1;
  readonly #limit: number;
  /** It gets its beats at the long interval, which its greeting states. */
  readonly hasLongBeat: boolean;
  readonly isPatient: boolean;
  /** Number of reads of the log's head that had begun when it joined. */
  readonly #joinedInRead: number;
  #epoch: string;
  /** `signsOfLife` at the last ping; -1 before the first. */
  #signsAtPing = -1;

  constructor(start: ReaderStart, context: ReaderContext) {
    this.transport = start.transport;
    this.feed = start.feed;
    this.#wire = start.wire;
    this.#limit = start.limit;
    this.hasLongBeat = start.hasLongBeat;
    this.isPatient = start.isPatient;
    this.#joinedAt = start.joinedAt;
    this.#joinedInRead = start.feed.edition.headReads.begun;
    this.#epoch = start.epoch;
    this.#greeting = start.greeting;
    this.#cursor = start.cursor;
    this.#epochChanges = start.feed.edition.epochChanges;
    this.#expected = start.expected;
    this.#sentStale = start.feed.edition.isStale;
    this.#context = context;
  }

  get cursor(): number {
    return this.#cursor;
  }

  isBeyond(seq: number): boolean {
    return this.#isOfThisHistory && this.#cursor >= seq;
  }

  /**
   * The log's head was read after the reader joined, and its position lies beyond that head. So the position is not from this
   * log, and the reader gets a snapshot. Other readers are not affected.
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

  get hasNews(): boolean {
    const { edition } = this.feed;
    return (
      (this.#greeting !== null && !this.#isWaitingForNews) ||
      this.feed.last > this.#cursor ||
      this.#sentStale !== edition.isStale ||
      !this.#isOfThisHistory
    );
  }

  /** Makes at most one write, with the next part of the entries between cursor and head. */
  deliver(replica: Replica): WriteOutcome {
    if (this.#isGone) return 'closed';
    this.#compare(replica);
    if (!this.hasNews) return 'current';
    if (this.transport.isBusy) {
      this.#wait();
      return 'busy';
    }
    const { counters, ledger } = this.#context;
    // It has received nothing of the current history if its own is another.
    const from = this.#isOfThisHistory ? this.#cursor : 0;
    const batch = this.#next(replica);
    counters.entriesWritten += batch.entries;
    // Before the write, within which a transport may end its reader: the ledger then books from the cursor.
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

  /** Sends a beat and a ping. Returns false if the client has shown no sign of life since the last ping: the caller cuts it. */
  beat(replica: Replica): boolean {
    this.deliver(replica);
    // A transport may have ended it within the write.
    if (this.#isGone) return true;
    if (this.transport.isBusy) {
      this.#wait();
      return true;
    }
    const { signsOfLife } = this.transport;
    if (signsOfLife === this.#signsAtPing) return false;
    // Pending frames go first: a beat says that there are none.
    if (this.hasNews) return true;
    this.#signsAtPing = signsOfLife;
    this.#write(this.#wire.beat(replica, this.#cursor));
    return true;
  }

  /** Writes a frame that belongs to no feed, unless the socket is busy. */
  send(bytes: Buffer): void {
    if (!this.#isGone && !this.transport.isBusy) this.#write(bytes);
  }

  /** Closes the connection with a code, and counts it. */
  cut(code: CloseCode, reason: string): void {
    if (this.#isGone) return;
    this.#context.counters.cutBy[code]++;
    this.leave();
    this.transport.close(code, reason);
  }

  fail(error: unknown): void {
    this.#context.onFault(error);
    this.end();
  }

  end(): void {
    this.leave();
    this.transport.terminate();
  }

  /** Nothing is written after this call. Code that ends the connection calls it first. */
  leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const { ledger, now } = this.#context;
    // Entries that arrive before the connection has closed are no longer for it.
    this.feed.remove(this, now());
    const from = this.#isOfThisHistory ? Math.max(this.#cursor, this.#joinedAt) : 0;
    ledger.left(this.feed, from, this.feed.last);
  }

  /** Compares the hash of its position with the log, once this process has that entry. A difference means another history. */
  #compare(replica: Replica): void {
    if (this.#expected === '' || this.#cursor > replica.head) return;
    const { hash } = replica.positionAt(this.#cursor);
    if (hash !== '' && hash !== this.#expected) this.#greeting = 'epoch';
    this.#expected = '';
  }

  get #isOfThisHistory(): boolean {
    return this.#epochChanges === this.feed.edition.epochChanges;
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
    this.#sentStale = edition.isStale;
    return { bytes: this.#wire.beat(replica, this.#cursor), to: replica.head, entries: 0 };
  }

  #greet(replica: Replica, greeting: Greeting): Batch {
    const { counters } = this.#context;
    const isResume = greeting === 'resumed';
    // Whatever can throw comes first: a reader that fails leaves with its old cursor.
    const batch = isResume
      ? this.#wire.resumed(replica, this.#cursor, this.#epoch, this.hasLongBeat)
      : this.#wire.snapshot(replica, this.#limit, greeting, this.#epoch, this.hasLongBeat);
    if (isResume) counters.resumed++;
    else {
      counters.snapshots[greeting]++;
      // Only a snapshot may move the cursor in any direction.
      this.#cursor = replica.head;
      if (!this.#isOfThisHistory) this.#joinedAt = 0;
    }
    const { edition } = this.feed;
    this.#greeting = null;
    this.#epochChanges = edition.epochChanges;
    this.#sentStale = edition.isStale;
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
