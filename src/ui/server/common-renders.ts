import type { Asset } from './asset.ts';
import type { KeptAssets } from './kept-assets.ts';
import { RenderBudget } from './render-budget.ts';

/** What the pages and feeds of a process share. */
export interface Renders {
  readonly common: CommonRenders;
  /** For what only some ask for: what may be spent on it, and what is kept of it until there is news. */
  readonly budget: RenderBudget;
  readonly kept: KeptAssets;
}

export interface Rendered {
  readonly status: 200 | 410;
  readonly asset: Asset;
}

/**
 * What everybody needs, a closed set: rendered once between two entries however many ask, one after the other, within a budget
 * of its own. When that is used up they wait a moment; nobody is refused, whatever others ask for.
 */
export class CommonRenders {
  readonly #budget: RenderBudget;
  readonly #kept = new Map<string, Rendered>();
  readonly #coming = new Map<string, Promise<Rendered | null>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(onChange: (listener: () => void) => void, budget = new RenderBudget()) {
    this.#budget = budget;
    onChange(() => this.#kept.clear());
  }

  /** Null where `make` finds nothing to render; it is called at the moment that its turn has come. */
  async get(key: string, make: () => Rendered | null): Promise<Rendered | null> {
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const coming = this.#coming.get(key) ?? this.#inTurn(key, make);
    this.#coming.set(key, coming);
    return coming;
  }

  #inTurn(key: string, make: () => Rendered | null): Promise<Rendered | null> {
    const rendered = this.#last.then(async () => {
      await this.#budget.room();
      this.#coming.delete(key);
      const made = this.#budget.spend(make);
      if (made) this.#kept.set(key, made);
      return made;
    });
    this.#last = rendered.catch(() => undefined);
    return rendered;
  }
}
