import type { Filter } from '../../protocol/filter.ts';
import type { Edition } from '../edition/edition.ts';
import type { Replica } from '../edition/replica.ts';
import { touches } from './effect.ts';
import { SwapList } from './swap-list.ts';

/** What became of an attempt to write to a reader: `current` means that there was nothing to write. */
export type WriteOutcome = 'written' | 'current' | 'busy' | 'closed';

/** A reader as its feed and the sweep see it. */
export interface FeedReader {
  /** Index in the feed's list of readers. Only the feed changes it. */
  index: number;
  readonly feed: Feed;
  /** Seq up to which the reader has received its feed. */
  readonly cursor: number;
  readonly isGone: boolean;
  /** Whether there is something to write, given that the feed has caught up with the replica. */
  readonly hasNews: boolean;
  /** Whether the reader came with a position at this seq or beyond it, so that the entry is not for it. */
  isBeyond(seq: number): boolean;
  /** True when the log disproves the position that the reader came with: the reader now gets a snapshot. */
  rejectPosition(replica: Replica): boolean;
  /** Writes the next part between the cursor and the head. */
  deliver(replica: Replica): WriteOutcome;
  /** Ends the connection after an exception. */
  fail(error: unknown): void;
}

/** What a feed tells the feeds of its edition, and learns from them. */
export interface FeedHost {
  /** Entries up to this seq touch no feed that is not behind. */
  readonly coveredTo: number;
  /** Feeds with readers that came with a position beyond what this process holds. */
  readonly ahead: Set<Feed>;
  /** An entry goes to the current readers of a feed. */
  onTouched(feed: Feed, seq: number): void;
  /** A reader joined or left. */
  onReaders(feed: Feed, change: 1 | -1): void;
}

const alone: FeedHost = {
  coveredTo: 0,
  ahead: new Set(),
  onTouched: () => undefined,
  onReaders: () => undefined,
};

/**
 * An edition through a filter: the seqs of its entries that are still in the ring, and its readers. The filter runs once
 * per entry that can concern the feed, when it next catches up. `prev` of an entry is the entry before it in this feed.
 */
export class Feed {
  readonly key: string;
  readonly filter: Filter;
  readonly edition: Edition;
  /** When its last reader left, ms; null while it has readers. */
  idleSince: number | null = null;
  /** Readers may have news. The sweep clears it when it starts a round. */
  isDue = false;
  /** Entries after the last one that it has evaluated may touch it. Otherwise those that its host covers do not. */
  #isBehind = true;
  #seqs: number[] = [];
  #floor = 0;
  #evaluated = 0;
  #epochChanges = -1;
  readonly #readers = new SwapList<'index', FeedReader>('index');
  /** Readers that came with a position beyond what this process holds. */
  readonly #ahead = new Set<FeedReader>();
  #isStale = false;
  readonly #host: FeedHost;

  constructor(key: string, filter: Filter, edition: Edition, host: FeedHost = alone) {
    this.key = key;
    this.filter = filter;
    this.edition = edition;
    this.#host = host;
  }

  /** In no order. */
  get readers(): readonly FeedReader[] {
    return this.#readers.items;
  }

  /** `prev` of the oldest entry held. A reader below it has missed entries that the ring no longer holds. */
  get floor(): number {
    return this.#floor;
  }

  /** Seq of the newest entry; the floor when there is none. */
  get last(): number {
    return this.#seqs.at(-1) ?? this.#floor;
  }

  get seqs(): readonly number[] {
    return this.#seqs;
  }

  /** Entries up to this seq do not touch it, but for those before it that are still to be evaluated. The next one does, or may. */
  fallBehind(coveredTo: number): void {
    if (!this.#isBehind) this.#evaluated = Math.max(this.#evaluated, coveredTo);
    this.#isBehind = true;
  }

  /** Catches up with the replica. */
  advance(replica: Replica): void {
    const { epochChanges, isStale } = this.edition;
    const evaluatedBefore = this.#epochChanges === epochChanges ? this.#evaluated : Number.POSITIVE_INFINITY;
    if (isStale !== this.#isStale || epochChanges !== this.#epochChanges) this.isDue = true;
    this.#isStale = isStale;
    if (epochChanges !== this.#epochChanges) this.#restart(replica.floor);
    this.#epochChanges = epochChanges;
    if (!this.#isBehind) this.#evaluated = Math.max(this.#evaluated, this.#host.coveredTo);
    if (this.#evaluated < replica.floor) this.#restart(replica.floor);
    const newest = this.last;
    if (!replica.mayTouch(this.filter)) this.#evaluated = replica.head;
    for (let seq = this.#evaluated + 1; seq <= replica.head; seq++) {
      const slot = replica.slot(seq);
      const isTouched = slot !== undefined && touches(this.filter, slot.entry);
      this.#evaluated = seq;
      if (!isTouched) continue;
      this.#seqs.push(seq);
      // After a restart the readers get a snapshot, which covers all earlier entries.
      if (seq > evaluatedBefore) this.#host.onTouched(this, seq);
    }
    // Only now: where the evaluation throws, the next one starts at the same entry.
    this.#isBehind = false;
    this.#forget(replica.floor);
    if (this.last !== newest) this.isDue = true;
  }

  /** Index in `seqs` of the first entry after `position`, a seq. */
  indexAfter(position: number): number {
    let low = 0;
    let high = this.#seqs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#seqs[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Seq of the entry before the one at `index`. */
  prevOf(index: number): number {
    return index === 0 ? this.#floor : (this.#seqs[index - 1] ?? this.#floor);
  }

  add(reader: FeedReader): void {
    this.#readers.add(reader);
    this.idleSince = null;
    this.#host.onReaders(this, 1);
    if (reader.cursor <= this.#evaluated) return;
    this.#ahead.add(reader);
    this.#host.ahead.add(this);
  }

  /** How many readers came with a position at this seq or beyond it. Forgets those that are no longer ahead. */
  aheadOf(seq: number): number {
    for (const reader of this.#ahead) if (!reader.isBeyond(seq)) this.#ahead.delete(reader);
    return this.#ahead.size;
  }

  /** Yields the readers whose position the log disproves. Each of them gets a snapshot. */
  *rejectPositions(replica: Replica): Iterable<FeedReader> {
    for (const reader of this.#ahead) if (reader.rejectPosition(replica)) yield reader;
    if (this.aheadOf(replica.head + 1) === 0) this.#host.ahead.delete(this);
  }

  remove(reader: FeedReader, now: number): void {
    this.#ahead.delete(reader);
    if (!this.#readers.remove(reader)) return;
    if (this.readers.length === 0) this.idleSince = now;
    this.#host.onReaders(this, -1);
  }

  #restart(floor: number): void {
    this.#seqs = [];
    this.#floor = floor;
    this.#evaluated = floor;
  }

  #forget(ringFloor: number): void {
    let gone = 0;
    while ((this.#seqs[gone] ?? Number.POSITIVE_INFINITY) <= ringFloor) gone++;
    if (gone === 0) return;
    this.#floor = this.#seqs[gone - 1] ?? this.#floor;
    this.#seqs.splice(0, gone);
  }
}
