interface CacheEntry {
  readonly size: number;
  drop(): void;
}

/** Bytes that an entry takes beside its value. */
const overhead = 256;

/** A bound on the bytes of all caches that share it. It drops the least recently used entries. */
export class ByteBudget {
  readonly limit: number;
  /** Least recently used first. */
  readonly #entries = new Set<CacheEntry>();
  #newest: CacheEntry | null = null;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  add(entry: CacheEntry): void {
    this.#used += entry.size;
    this.#entries.add(entry);
    this.#newest = entry;
    for (const oldest of this.#entries) {
      if (this.#used <= this.limit) return;
      this.remove(oldest);
      oldest.drop();
    }
  }

  use(entry: CacheEntry): void {
    // The readers of a feed use the same entry one after the other.
    if (entry === this.#newest) return;
    this.#newest = entry;
    this.#entries.delete(entry);
    this.#entries.add(entry);
  }

  remove(entry: CacheEntry): void {
    if (!this.#entries.delete(entry)) return;
    this.#used -= entry.size;
    if (this.#newest === entry) this.#newest = null;
  }
}

/** A cache of byte values that many readers share. Its budget drops the least recently used entries. */
export class ByteCache<Key, Value extends { readonly bytes: Buffer }> {
  readonly #budget: ByteBudget;
  readonly #entries = new Map<Key, CacheEntry & { readonly value: Value }>();

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry) this.#budget.use(entry);
    return entry?.value;
  }

  /** Returns the cached value: the same value with a copy of its bytes, unless they own their memory. */
  set(key: Key, value: Value): Value {
    this.delete(key);
    const cached = { ...value, bytes: withOwnMemory(value.bytes) };
    const entry = { value: cached, size: cached.bytes.length + overhead, drop: () => this.#entries.delete(key) };
    this.#entries.set(key, entry);
    this.#budget.add(entry);
    return cached;
  }

  get size(): number {
    return this.#entries.size;
  }

  *entries(): Iterable<readonly [Key, Value]> {
    for (const [key, { value }] of this.#entries) yield [key, value];
  }

  /** Deletes the entry that was set first. */
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

/** A small Buffer is a slice of an 8 kB slab that other Buffers share. Caching the slice would keep the whole slab alive. */
function withOwnMemory(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
