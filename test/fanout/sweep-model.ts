import { DeliveryLedger } from '../../src/fanout/delivery/delivery-ledger.ts';
import { ItemTexts } from '../../src/fanout/edition/edition.ts';
import { Feeds } from '../../src/fanout/feed/feeds.ts';
import { type Greeting, Reader } from '../../src/fanout/reader/reader.ts';
import { ReaderSchedule } from '../../src/fanout/reader/reader-schedule.ts';
import type { Transport } from '../../src/fanout/reader/transport.ts';
import type { Clock } from '../../src/fanout/scheduling/clock.ts';
import { Counters } from '../../src/fanout/scheduling/counters.ts';
import type { Entry } from '../../src/log/entries/entry.ts';
import type { LogReader } from '../../src/log/entries/log-reader.ts';
import type { Filter } from '../../src/protocol/filter.ts';
import type { Frame } from '../../src/protocol/frame.ts';
import { HandFedEdition, lineFraming, parseLines } from './edition-resource.ts';

/** A clock that the test moves. Callbacks of `immediate` run when the test calls `slice`. */
export class HandClock implements Clock {
  time = 0;
  /** How far each call of `now` moves the clock, ms. */
  msPerCall = 0;
  readonly #immediates: (() => void)[] = [];

  now(): number {
    this.time += this.msPerCall;
    return this.time;
  }

  cpu(): number {
    return this.time;
  }

  immediate(run: () => void): void {
    this.#immediates.push(run);
  }

  after(): () => void {
    return () => undefined;
  }

  every(): () => void {
    return () => undefined;
  }

  /** Runs one slice; false when none was requested. */
  slice(): boolean {
    const run = this.#immediates.shift();
    run?.();
    return run !== undefined;
  }
}

/** A connection whose socket takes no bytes while `isStuck`: one write waits, and a second write throws. */
class ModelTransport implements Transport {
  readonly framing = lineFraming;
  isStuck = false;
  signsOfLife = 0;
  largestWrite = 0;
  closedWith: number | null = null;
  readonly frames: Frame[] = [];
  readonly writes: Buffer[] = [];
  #held: Buffer | null = null;
  #flushed: (() => void)[] = [];

  get isBusy(): boolean {
    return this.#held !== null;
  }

  write(bytes: Buffer): void {
    if (this.#held) throw new Error('written while busy');
    this.writes.push(bytes);
    this.largestWrite = Math.max(this.largestWrite, bytes.length);
    if (this.isStuck) this.#held = bytes;
    else this.frames.push(...parseLines(bytes));
  }

  whenFlushed(flushed: () => void): void {
    this.#flushed.push(flushed);
  }

  release(): void {
    this.isStuck = false;
    if (this.#held) this.frames.push(...parseLines(this.#held));
    this.#held = null;
    for (const flushed of this.#flushed.splice(0)) flushed();
  }

  close(code: number): void {
    this.closedWith = code;
  }

  terminate(): void {
    this.closedWith ??= 1006;
  }
}

/** A connection whose reader leaves within its first write, or whose first write throws. */
class OneWriteTransport extends ModelTransport {
  onWritten: () => void = () => undefined;
  isFaulty = false;

  override get isBusy(): boolean {
    return this.writes.length > 0;
  }

  override write(bytes: Buffer): void {
    super.write(bytes);
    this.onWritten();
    if (this.isFaulty) throw new Error('write failed');
  }
}

export interface ModelReader {
  readonly reader: Reader;
  readonly transport: ModelTransport;
  readonly filter: Filter;
}

/** The reader schedule of one edition, step by step. */
export class SweepModel {
  readonly clock = new HandClock();
  readonly counters = new Counters();
  readonly edition: HandFedEdition;
  readonly readers: ModelReader[] = [];
  faults = 0;
  /** Called when the ledger asks for what is collected to be sent. */
  onSend: () => void = () => undefined;
  readonly ledger = new DeliveryLedger(
    () => this.clock.now(),
    null,
    () => this.onSend(),
  );
  readonly #schedule = new ReaderSchedule({
    clock: this.clock,
    counters: this.counters,
    beats: { usual: 4, long: 10 },
    onSlice: () => this.ledger.settle(),
    whenMayWrite: () => null,
  });
  readonly #feeds: Feeds;

  constructor(ring: number) {
    this.edition = new HandFedEdition({ items: 1_000, entries: ring });
    const terms = { beatMs: 20_000, stale: false, retry: { afterMs: 0, withinMs: 1_000 } };
    this.#feeds = new Feeds(
      { feeds: 100, idleMs: 60_000 },
      {
        texts: new ItemTexts(),
        terms: () => terms,
        onTouched: (feed, seq) => this.ledger.target(feed, seq, feed.readers.length),
      },
    );
    this.ledger.open(this.edition);
  }

  join(filter: Filter, limit = 20, greeting: Greeting = 'start', cursor = this.edition.replica.head): ModelReader {
    return this.#join(new ModelTransport(), filter, limit, greeting, cursor, false);
  }

  /** A client that asked for the long interval between beats. */
  joinWithLongBeat(filter: Filter): ModelReader {
    return this.#join(new ModelTransport(), filter, 20, 'start', this.edition.replica.head, false, true);
  }

  /** A poll that waits for the next entry. It leaves within its answer, which throws if `isFaulty`. */
  poll(filter: Filter, isFaulty = false): ModelReader {
    const transport = new OneWriteTransport();
    transport.isFaulty = isFaulty;
    const joined = this.#join(transport, filter, 20, 'resumed', this.edition.replica.head, true);
    transport.onWritten = () => this.leave(this.readers.indexOf(joined));
    return joined;
  }

  #join<Connection extends ModelTransport>(
    transport: Connection,
    filter: Filter,
    limit: number,
    greeting: Greeting,
    cursor: number,
    isPatient: boolean,
    hasLongBeat = false,
  ): ModelReader {
    const opened = this.#feeds.open(this.edition, filter, lineFraming, this.clock.now());
    if (!opened) throw new Error('no room for another feed');
    opened.feed.advance(this.edition.replica);
    const joinedAt = this.edition.replica.head;
    const context = {
      counters: this.counters,
      ledger: this.ledger,
      now: () => this.clock.time,
      onFlushed: (flushed: Reader) => this.#schedule.resume(flushed),
      onFault: () => {
        this.faults++;
      },
    };
    const reader = new Reader(
      {
        transport,
        ...opened,
        limit,
        hasLongBeat,
        greeting,
        epoch: this.edition.replica.epoch,
        cursor,
        expected: '',
        joinedAt,
        isPatient,
      },
      context,
    );
    opened.feed.add(reader);
    this.#schedule.add(reader);
    const joined = { reader, transport, filter };
    this.readers.push(joined);
    return joined;
  }

  leave(index: number): void {
    const [left] = index < 0 ? [] : this.readers.splice(index, 1);
    if (!left) return;
    left.reader.leave();
    left.reader.feed.remove(left.reader, this.clock.now());
    this.#schedule.remove(left.reader);
  }

  apply(entry: Entry): void {
    this.edition.apply(entry);
    this.ledger.open(this.edition);
    this.#schedule.announce(this.#feeds.concerned(this.edition), this.edition.replica);
  }

  /** Loads the edition from its log, as a repair does. */
  async load(log: LogReader): Promise<void> {
    this.edition.load(await log.load('en', { items: 1_000, entries: 1_024 }));
    this.ledger.open(this.edition);
    this.#schedule.announce(this.#feeds.concerned(this.edition), this.edition.replica);
  }

  beat(): void {
    this.#schedule.tick();
  }

  /** Runs slices until no work is left. */
  settle(): void {
    for (let slice = 0; this.clock.slice(); slice++)
      if (slice > 10_000) throw new Error('the sweep does not come to rest');
  }
}
