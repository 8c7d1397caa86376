import type { Facets, Tombstone } from '../../item/item.ts';
import type { Entry } from '../../log/entries/entry.ts';
import type { Filter } from '../../protocol/filter.ts';
import { TopicCounts } from './topic-counts.ts';

/** Why the text of an entry is no longer sent: a later entry retracted or withheld the item. */
export interface Hidden {
  readonly reason: 'retracted' | 'withheld';
  /** Facets of the item when it was hidden. Only a feed that showed it then shows the notice. */
  readonly was: Facets | null;
  readonly tombstone: Tombstone | null;
}

export interface Slot {
  readonly entry: Entry;
  readonly hidden: Hidden | null;
  /** On a retraction with a notice: the tombstone that replaces the item. */
  readonly tombstone: Tombstone | null;
}

/**
 * The newest entries of one epoch, without gaps. Once an item is hidden, each of its earlier entries with text becomes a
 * removal with the same seq (invariant 9 in ARCHITECTURE.md): the slot is replaced, and the text leaves this process.
 */
export class Ring {
  readonly #limit: number;
  readonly #slots: Slot[] = [];
  readonly #topics = new TopicCounts();
  #head: number;
  #floorHash: string;

  /** An empty ring after the entry with seq `head`, whose link of the chain is `hash`. */
  constructor(limit: number, head: number, hash: string) {
    this.#limit = limit;
    this.#head = head;
    this.#floorHash = hash;
  }

  get head(): number {
    return this.#head;
  }

  /** The seq just before the oldest entry. From here on the ring has every later entry. */
  get floor(): number {
    return this.#head - this.#slots.length;
  }

  /** The link of the chain at a seq from the floor to the head; empty if there is none. */
  hashAt(seq: number): string {
    return seq === this.floor ? this.#floorHash : (this.slot(seq)?.entry.hash ?? '');
  }

  slot(seq: number): Slot | undefined {
    return this.#slots[seq - this.floor - 1];
  }

  /** False if no entry touches the filter. */
  mayTouch(filter: Filter): boolean {
    return this.#topics.mayMatch(filter.topics);
  }

  /** The caller has checked that `entry.seq` is `head + 1`. */
  push(entry: Entry, tombstone: Tombstone | null): void {
    this.#slots.push({ entry, hidden: null, tombstone });
    this.#head = entry.seq;
    for (const facets of [entry.now, entry.was]) this.#topics.add(facets);
    if (this.#slots.length <= this.#limit) return;
    const oldest = this.#slots.shift()?.entry;
    this.#floorHash = oldest?.hash ?? '';
    for (const facets of [oldest?.now, oldest?.was]) this.#topics.remove(facets);
  }

  /** Replaces the slots of an item's entries before the seq `before`. */
  hide(itemId: string, before: number, hidden: Hidden): void {
    for (const [index, slot] of this.#slots.entries()) {
      if (slot.entry.seq >= before) return;
      if (slot.entry.itemId !== itemId || slot.entry.now === null) continue;
      this.#slots[index] = { ...slot, entry: { ...slot.entry, item: null }, hidden };
    }
  }
}
