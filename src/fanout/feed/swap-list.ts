/**
 * Items in no order, with constant-time removal: the last item moves into the place of the one that leaves. Each item
 * carries its index in a field named `Key`, so that one item can be in several lists.
 */
export class SwapList<Key extends string, Item extends Record<Key, number>> {
  readonly items: Item[] = [];
  readonly #key: Key;

  constructor(key: Key) {
    this.#key = key;
  }

  add(item: Item): void {
    this.#place(item, this.items.push(item) - 1);
  }

  /** False when the item is not in the list. */
  remove(item: Item): boolean {
    const index = item[this.#key];
    const last = this.items.at(-1);
    if (!last || this.items[index] !== item) return false;
    this.items[index] = last;
    this.#place(last, index);
    this.items.pop();
    return true;
  }

  #place(item: Record<Key, number>, index: number): void {
    item[this.#key] = index;
  }
}
