import type { Filter } from '../../protocol/filter.ts';
import type { Edition } from '../edition/edition.ts';
import type { Replica } from '../edition/replica.ts';
import type { Reader } from '../reader/reader.ts';
import { touches } from './effect.ts';

/**
 * An edition through a filter: the seqs of its entries that are still in the ring, and its readers. The filter runs once
 * per entry, when the feed is next looked at. `prev` of an entry is the entry before it here.
 */
export class Feed {
  readonly key: string;
  readonly filter: Filter;
  readonly edition: Edition;
  /** Dense and unordered: a reader that leaves is replaced by the last one. */
  readonly readers: Reader[] = [];
  /** When its last reader left, ms; null while it has readers. */
  idleSince: number | null = null;
  /** There is something that readers may not have been told; the sweep takes it down when it starts a round. */
  isDue = false;
  #seqs: number[] = [];
  #floor = 0;
  #evaluated = 0;
  #generation = -1;
  /** Readers that came with a position beyond what this process holds. */
  readonly #ahead = new Set<Reader>();
  #isStale = false;
  readonly #onTouched: (feed: Feed, seq: number) => void;
  readonly #onReaders: (change: 1 | -1) => void;

  /** `onTouched` hears of each entry that the readers of this moment are to be told, `onReaders` of each reader that comes or leaves. */
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

  /** A reader below it has missed entries that are gone: `prev` of the oldest entry held. */
  get floor(): number {
    return this.#floor;
  }

  /** Seq of its newest entry; the floor where it has none. */
  get last(): number {
    return this.#seqs.at(-1) ?? this.#floor;
  }

  get seqs(): readonly number[] {
    return this.#seqs;
  }

  /** Catches up with the replica. */
  advance(replica: Replica): void {
    const { generation, isStale } = this.edition;
    const known = this.#generation === generation ? this.#evaluated : Number.POSITIVE_INFINITY;
    if (isStale !== this.#isStale || generation !== this.#generation) this.isDue = true;
    this.#isStale = isStale;
    if (generation !== this.#generation) this.#restart(replica.floor);
    this.#generation = generation;
    if (this.#evaluated === replica.head) return;
    if (this.#evaluated < replica.floor) this.#restart(replica.floor);
    const newest = this.last;
    for (let seq = this.#evaluated + 1; seq <= replica.head; seq++) {
      const slot = replica.slot(seq);
      const isTouched = slot !== undefined && touches(this.filter, slot.entry);
      this.#evaluated = seq;
      if (!isTouched) continue;
      this.#seqs.push(seq);
      // Readers of a feed that begins anew get a snapshot for all that lies behind.
      if (seq > known) this.#onTouched(this, seq);
    }
    this.#forget(replica.floor);
    if (this.last !== newest) this.isDue = true;
  }

  /** Index in `seqs` of the first entry after a position. */
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

  add(reader: Reader): void {
    reader.index = this.readers.push(reader) - 1;
    this.idleSince = null;
    this.#onReaders(1);
    if (reader.cursor > this.#evaluated) this.#ahead.add(reader);
  }

  /** Readers that stand at this seq or beyond it; who has been overtaken or taken back is forgotten. */
  aheadOf(seq: number): number {
    for (const reader of this.#ahead) if (!reader.isBeyond(seq)) this.#ahead.delete(reader);
    return this.#ahead.size;
  }

  *takenBack(replica: Replica): Iterable<Reader> {
    for (const reader of this.#ahead) if (reader.takeBack(replica)) yield reader;
  }

  remove(reader: Reader, now: number): void {
    this.#ahead.delete(reader);
    const last = this.readers.at(-1);
    if (!last || this.readers[reader.index] !== reader) return;
    this.readers[reader.index] = last;
    last.index = reader.index;
    this.readers.pop();
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
