import type { Direction } from '../../item/item.ts';
import type { Entry, Withdrawn } from '../../log/entries/entry.ts';
import { type Filter, matches } from '../../protocol/filter.ts';

const most = 500;
const keptMs = 48 * 3_600_000;

/** What of an edition was shown and has been taken back, for feeds that are polled now and then. Lists and frames do not know it. */
export class Withdrawals {
  /** In the order in which they were taken back. */
  readonly #byId = new Map<string, Withdrawn>();

  constructor(withdrawn: readonly Withdrawn[] = []) {
    for (const one of withdrawn.toSorted((a, b) => a.at - b.at)) this.#add(one);
  }

  /** Entries in their order, each any number of times. `about`: how the edition or the item is written. */
  apply(entry: Entry, about: { readonly language: string; readonly dir: Direction }): void {
    if (entry.now !== null) this.#byId.delete(entry.itemId);
    else {
      const withdrawn = entry.withdrawn ?? this.#derived(entry, about);
      if (withdrawn) this.#add(withdrawn);
    }
  }

  /** Of the 48 h before `until`, newest place first. */
  list(filter: Filter, until: number): readonly Withdrawn[] {
    return [...this.#byId.values()]
      .filter(({ at, facets }) => at > until - keptMs && matches(filter, facets))
      .sort((a, b) => b.place - a.place);
  }

  #add(withdrawn: Withdrawn): void {
    this.#byId.delete(withdrawn.id);
    this.#byId.set(withdrawn.id, withdrawn);
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > most && oldest !== undefined) this.#byId.delete(oldest);
  }

  /** From an entry of an older worker, as far as it says what it took back. The end of a notice takes nothing back. */
  #derived(
    { itemId: id, version, place, reason: kind, at, was: facets, notice }: Entry,
    { language, dir }: { readonly language: string; readonly dir: Direction },
  ): Withdrawn | null {
    const known = this.#byId.get(id);
    if (kind === null || kind === 'moved' || facets === null) return null;
    if (kind === 'expired' && known?.kind === 'retracted') return null;
    return { id, version, place, kind, at, facets, language, dir, notice };
  }
}
