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

/**
 * An edition through a filter: the seqs of its entries that are still in the ring, and its readers. The filter runs once
 * per entry, when the feed next catches up. `prev` of an entry is the entry before it in this feed.
 */
export class Feed {
  readonly key: string;
  readonly filter: Filter;
  readonly edition: Edition;
  /** When its last reader left, ms; null while it has readers. */
  idleSince: number | null = null;
  /** Readers may have news. The sweep clears it when it starts a round. */
  isDue = false;
  #seqs: number[] = [];
  #floor = 0;
  #evaluated = 0;
  #epochChanges = -1;
  readonly #readers = new SwapList<'index', FeedReader>('index');
  /** Readers that came with a position beyond what this process holds. */
  readonly #ahead = new Set<FeedReader>();
  #isStale = false;
  readonly #onTouched: (feed: Feed, seq: number) => void;
  readonly #onReaders: (change: 1 | -1) => void;

  /** `onTouched` is called for each entry that goes to the current readers, `onReaders` when a reader joins or leaves. */
  constructor(
    key: string,
    filter: Filter,
    edition: Edition,
    onTouched: (feed: Feed, seq: number) => void = () => undefined,
    onReaders: (change: 1 | -1) => void = () => undefined,
  ) {
    this.key = key;
    this.filter = filter;
    this.edition = edition;
    this.#onTouched = onTouched;
    this.#onReaders = onReaders;
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

  /** Catches up with the replica. */
  advance(replica: Replica): void {
    const { epochChanges, isStale } = this.edition;
    const evaluatedBefore = this.#epochChanges === epochChanges ? this.#evaluated : Number.POSITIVE_INFINITY;
    if (isStale !== this.#isStale || epochChanges !== this.#epochChanges) this.isDue = true;
    this.#isStale = isStale;
    if (epochChanges !== this.#epochChanges) this.#restart(replica.floor);
    this.#epochChanges = epochChanges;
    if (this.#evaluated === replica.head) return;
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
      if (seq > evaluatedBefore) this.#onTouched(this, seq);
    }
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
    this.#onReaders(1);
    if (reader.cursor > this.#evaluated) this.#ahead.add(reader);
  }

  /** How many readers came with a position at this seq or beyond it. Forgets those that are no longer ahead. */
  aheadOf(seq: number): number {
    for (const reader of this.#ahead) if (!reader.isBeyond(seq)) this.#ahead.delete(reader);
    return this.#ahead.size;
  }

  /** Yields the readers whose position the log disproves. Each of them gets a snapshot. */
  *rejectPositions(replica: Replica): Iterable<FeedReader> {
    for (const reader of this.#ahead) if (reader.rejectPosition(replica)) yield reader;
  }

  remove(reader: FeedReader, now: number): void {
    this.#ahead.delete(reader);
    if (!this.#readers.remove(reader)) return;
    if (this.readers.length === 0) this.idleSince = now;
    this.#onReaders(-1);
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
