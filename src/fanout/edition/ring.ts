import type { Facets, Tombstone } from '../../item/item.ts';
import type { Entry } from '../../log/entries/entry.ts';

/** Why the text of an entry is written no more: a later entry of the same item took it back. */
export interface Hidden {
  readonly reason: 'retracted' | 'withheld';
  /** Facets of the line that was taken back: only a feed that showed it then shows the notice. */
  readonly was: Facets | null;
  readonly tombstone: Tombstone | null;
}

export interface Slot {
  readonly entry: Entry;
  readonly hidden: Hidden | null;
  /** On a retraction: the notice that it puts in the line's place. */
  readonly tombstone: Tombstone | null;
}

/**
 * The newest entries of one epoch, without gaps. Once an item is hidden, each of its earlier entries that carried text
 * is a removal with the same seq (DESIGN 7, invariant 9): the slot is replaced, and the text is gone from this process.
 */
export class Ring {
  readonly #limit: number;
  readonly #slots: Slot[] = [];
  #head: number;
  #floorHash: string;

  /** `head` is the seq of the newest entry, which is not in the ring yet; `hash` its link of the chain. */
  constructor(limit: number, head: number, hash: string) {
    this.#limit = limit;
    this.#head = head;
    this.#floorHash = hash;
  }

  get head(): number {
    return this.#head;
  }

  /** The lowest position that every later entry is known for: the seq just before the oldest entry. */
  get floor(): number {
    return this.#head - this.#slots.length;
  }

  /** The chain's link at a position from the floor to the head; empty where there is none. */
  hashAt(seq: number): string {
    return seq === this.floor ? this.#floorHash : (this.slot(seq)?.entry.hash ?? '');
  }

  slot(seq: number): Slot | undefined {
    return this.#slots[seq - this.floor - 1];
  }

  /** The caller has checked that `entry.seq` is `head + 1`. */
  push(entry: Entry, tombstone: Tombstone | null): void {
    this.#slots.push({ entry, hidden: null, tombstone });
    this.#head = entry.seq;
    if (this.#slots.length > this.#limit) this.#floorHash = this.#slots.shift()?.entry.hash ?? '';
  }

  hide(itemId: string, before: number, hidden: Hidden): void {
    for (const [index, slot] of this.#slots.entries()) {
      if (slot.entry.seq >= before) return;
      if (slot.entry.itemId !== itemId || slot.entry.now === null) continue;
      this.#slots[index] = { ...slot, entry: { ...slot.entry, item: null }, hidden };
    }
  }
}
