/** Bytes that one connection has not read yet; they stay in memory until then. */
export interface Held {
  /** The address that they count for. */
  readonly address: string;
  /** The same object for all connections that share the memory. */
  readonly shared: object;
  readonly bytes: number;
  /** Ends the connection. */
  cut(): void;
}

/** Unread bytes of answers and frames that a process may hold. */
export const unreadBytes = 32 * 2 ** 20;

const roomyAt = 0.9;

/**
 * Bounds the unread bytes of all connections. Above the limit it closes connections until there is room again: those of the
 * address with most unread bytes, oldest first, so that slow clients do not suffer from clients that never read. Memory that
 * several connections share counts once.
 */
export class Unread {
  readonly #limit: number;
  /** Oldest first. */
  readonly #held = new Set<Held>();
  readonly #sharers = new Map<object, number>();
  #bytes = 0;
  /** Connections that were closed. */
  cut = 0;

  constructor(limit = unreadBytes) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** May close the connection at once. */
  hold(held: Held): void {
    const sharers = this.#sharers.get(held.shared) ?? 0;
    this.#sharers.set(held.shared, sharers + 1);
    this.#held.add(held);
    if (sharers === 0) this.#bytes += held.bytes;
    if (this.#bytes > this.#limit) this.#makeRoom();
  }

  release(held: Held): void {
    if (!this.#held.delete(held)) return;
    const sharers = (this.#sharers.get(held.shared) ?? 1) - 1;
    this.#sharers.set(held.shared, sharers);
    if (sharers > 0) return;
    this.#sharers.delete(held.shared);
    this.#bytes -= held.bytes;
  }

  #makeRoom(): void {
    const byAddress = new Map<string, { share: number; readonly held: Held[] }>();
    for (const held of this.#held) {
      const all = byAddress.get(held.address) ?? { share: 0, held: [] };
      all.share += this.#shareOf(held);
      all.held.push(held);
      byAddress.set(held.address, all);
    }
    for (const all of byAddress.values()) all.held.reverse();
    while (this.#bytes > this.#limit * roomyAt) {
      const most = [...byAddress.values()].reduce((a, b) => (b.share > a.share ? b : a));
      const oldest = most.held.pop();
      if (!oldest) return;
      most.share -= this.#shareOf(oldest);
      this.release(oldest);
      this.cut++;
      oldest.cut();
    }
  }

  #shareOf({ shared, bytes }: Held): number {
    return bytes / (this.#sharers.get(shared) ?? 1);
  }
}
