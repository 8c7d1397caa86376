interface Entry {
  readonly size: number;
  drop(): void;
}

/** What an entry takes besides its bytes. */
const overhead = 256;

/** Bytes that may be kept to be shared, over all maps that belong to it; what was used last stays. */
export class ByteBudget {
  readonly limit: number;
  /** Oldest use first. */
  readonly #entries = new Set<Entry>();
  #newest: Entry | null = null;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  add(entry: Entry): void {
    this.#used += entry.size;
    this.#entries.add(entry);
    this.#newest = entry;
    for (const oldest of this.#entries) {
      if (this.#used <= this.limit) return;
      this.remove(oldest);
      oldest.drop();
    }
  }

  use(entry: Entry): void {
    // Readers of a feed take the same one after the other.
    if (entry === this.#newest) return;
    this.#newest = entry;
    this.#entries.delete(entry);
    this.#entries.add(entry);
  }

  remove(entry: Entry): void {
    if (!this.#entries.delete(entry)) return;
    this.#used -= entry.size;
    if (this.#newest === entry) this.#newest = null;
  }
}

/** A map of what was built once to be shared. Its budget takes away what has not been used for longest. */
export class KeptBytes<Key, Value extends { readonly bytes: Buffer }> {
  readonly #budget: ByteBudget;
  readonly #entries = new Map<Key, Entry & { readonly value: Value }>();

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry) this.#budget.use(entry);
    return entry?.value;
  }

  /** Returns what is kept: the same value with bytes of their own. */
  set(key: Key, value: Value): Value {
    this.delete(key);
    const kept = { ...value, bytes: ofTheirOwn(value.bytes) };
    const entry = { value: kept, size: kept.bytes.length + overhead, drop: () => this.#entries.delete(key) };
    this.#entries.set(key, entry);
    this.#budget.add(entry);
    return kept;
  }

  get size(): number {
    return this.#entries.size;
  }

  *entries(): Iterable<readonly [Key, Value]> {
    for (const [key, { value }] of this.#entries) yield [key, value];
  }

  /** Deletes what was set first. */
  deleteFirst(): void {
    const [first] = this.#entries.keys();
    if (first !== undefined) this.delete(first);
  }

  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#budget.remove(entry);
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#budget.remove(entry);
    this.#entries.clear();
  }
}

/** A small Buffer is a piece of a slab of 8 kB that other pieces share: one that is kept would keep all of it. */
function ofTheirOwn(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
