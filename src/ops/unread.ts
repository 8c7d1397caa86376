/** What one connection has not taken yet: it stays in memory until then. */
export interface Held {
  /** Who it counts for. */
  readonly address: string;
  /** The same for all who hold the same memory. */
  readonly shared: object;
  readonly bytes: number;
  /** Ends the connection. */
  cut(): void;
}

/** Bytes of answers and frames that clients may leave in a process. */
export const unreadBytes = 32 * 2 ** 20;

const roomyAt = 0.9;

/**
 * Bounds what clients that do not read make a process hold, over all connections. Beyond the bound connections are ended
 * until there is room again: those of the address that holds most, oldest first, so that somebody who reads slowly does not pay
 * for somebody who never reads. Memory that several connections hold counts once.
 */
export class Unread {
  readonly #limit: number;
  /** Oldest first. */
  readonly #held = new Set<Held>();
  readonly #sharers = new Map<object, number>();
  #bytes = 0;
  /** Connections that were ended. */
  cut = 0;

  constructor(limit = unreadBytes) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** May end the connection at once. */
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
