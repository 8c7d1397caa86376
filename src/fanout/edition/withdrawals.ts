import type { Direction } from '../../item/item.ts';
import type { Entry, Withdrawn } from '../../log/entries/entry.ts';
import { type Filter, matches } from '../../protocol/filter.ts';

const most = 500;
const keptMs = 48 * 3_600_000;

/** The items of an edition that were shown and then withdrawn, for syndication, whose readers poll rarely. Not used in snapshots or frames. */
export class Withdrawals {
  /** In the order of withdrawal. */
  readonly #byId = new Map<string, Withdrawn>();

  constructor(withdrawn: readonly Withdrawn[] = []) {
    for (const one of withdrawn.toSorted((a, b) => a.at - b.at)) this.#add(one);
  }

  /** Takes entries in order, each any number of times. `about`: language and direction of the item, or of the edition. */
  apply(entry: Entry, about: { readonly language: string; readonly dir: Direction }): void {
    if (entry.now !== null) this.#byId.delete(entry.itemId);
    else {
      const withdrawn = entry.withdrawn ?? this.#derived(entry, about);
      if (withdrawn) this.#add(withdrawn);
    }
  }

  /** Withdrawals in the 48 h before `until`, newest place first. */
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

  /** Derives the withdrawal from an entry of an older worker. The end of a notice is no withdrawal. */
  #derived(
    { itemId: id, version, place, reason: kind, at, was: facets, notice }: Entry,
    { language, dir }: { readonly language: string; readonly dir: Direction },
  ): Withdrawn | null {
    const previous = this.#byId.get(id);
    if (kind === null || kind === 'moved' || facets === null) return null;
    if (kind === 'expired' && previous?.kind === 'retracted') return null;
    return { id, version, place, kind, at, facets, language, dir, notice };
  }
}
