/** How many filters that are not plain each address follows: one client must not use up what all share. */
export class FilterShares {
  readonly #most: number;
  /** By address: readers of each filter. */
  readonly #followed = new Map<string, Map<string, number>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the address may follow this filter besides those that it follows already. */
  hasRoom(address: string, key: string): boolean {
    const followed = this.#followed.get(address);
    return followed === undefined || followed.size < this.#most || followed.has(key);
  }

  add(address: string, key: string): void {
    const followed = this.#followed.get(address) ?? new Map<string, number>();
    followed.set(key, (followed.get(key) ?? 0) + 1);
    this.#followed.set(address, followed);
  }

  remove(address: string, key: string): void {
    const followed = this.#followed.get(address);
    const readers = (followed?.get(key) ?? 0) - 1;
    if (readers > 0) followed?.set(key, readers);
    else followed?.delete(key);
    if (followed?.size === 0) this.#followed.delete(address);
  }
}
