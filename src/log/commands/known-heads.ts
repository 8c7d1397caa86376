import type { Head } from '../entries/entry.ts';

/** By edition, the newest entry that this process has seen. A log that ends before it, or has another one there, has lost entries. */
export class KnownHeads {
  readonly #heads = new Map<string, Head>();

  of(edition: string): Head | undefined {
    return this.#heads.get(edition);
  }

  /** The head as it was read. Replies may be handled in any order, so an older head of the same epoch changes nothing. */
  read(edition: string, head: Head): void {
    const newest = this.#heads.get(edition);
    if (newest?.epoch !== head.epoch || head.seq >= newest.seq) this.#heads.set(edition, head);
  }

  /**
   * An entry that this process appended. Returns whether it stands where another entry stood before: `before` is what was known
   * when the append was sent.
   */
  appended(edition: string, before: Head | undefined, { seq, hash }: Pick<Head, 'seq' | 'hash'>): boolean {
    const newest = this.#heads.get(edition);
    if (newest && seq > newest.seq) this.#heads.set(edition, { ...newest, seq, hash });
    return before !== undefined && seq <= before.seq;
  }
}
