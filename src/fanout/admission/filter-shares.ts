/** Counts the filters that are not plain per address, so that one client cannot use up the bound that all share. */
export class FilterShares {
  readonly #most: number;
  /** By address: number of readers of each filter. */
  readonly #filters = new Map<string, Map<string, number>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the address may follow this filter beside the ones that it follows. */
  hasRoom(address: string, key: string): boolean {
    const filters = this.#filters.get(address);
    return filters === undefined || filters.size < this.#most || filters.has(key);
  }

  add(address: string, key: string): void {
    const filters = this.#filters.get(address) ?? new Map<string, number>();
    filters.set(key, (filters.get(key) ?? 0) + 1);
    this.#filters.set(address, filters);
  }

  remove(address: string, key: string): void {
    const filters = this.#filters.get(address);
    const readers = (filters?.get(key) ?? 0) - 1;
    if (readers > 0) filters?.set(key, readers);
    else filters?.delete(key);
    if (filters?.size === 0) this.#filters.delete(address);
  }
}
