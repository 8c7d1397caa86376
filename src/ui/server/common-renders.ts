import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Asset } from './asset.ts';
import type { AssetCache } from './asset-cache.ts';
import { RenderBudget } from './render-budget.ts';

/** Shared by the pages and feeds of a process. */
export interface Renders {
  readonly common: CommonRenders;
  /** For pages that few clients request: the budget for rendering them, and the cache until the next entry. */
  readonly budget: RenderBudget;
  readonly cache: AssetCache;
}

export interface Rendered {
  readonly status: 200 | 410;
  readonly asset: Asset;
  /** When it is rendered again although there is no news, ms. */
  readonly until?: number;
}

/**
 * Renders the pages that all clients need, a closed set. Each is rendered once between two entries, at most one
 * in a turn of the event loop, within a budget of its own. When the budget is used up requests wait a moment. None is refused.
 */
export class CommonRenders {
  readonly #budget: RenderBudget;
  readonly #cache = new Map<string, Rendered>();
  readonly #coming = new Map<string, Promise<Rendered | null>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(onChange: (listener: () => void) => void, budget = new RenderBudget()) {
    this.#budget = budget;
    onChange(() => this.#cache.clear());
  }

  /** Null when `make` has nothing to render. `make` runs when its turn has come. */
  async get(key: string, make: () => Rendered | null): Promise<Rendered | null> {
    const cached = this.#cache.get(key);
    if (cached && (cached.until === undefined || Date.now() < cached.until)) return cached;
    const coming = this.#coming.get(key) ?? this.#inTurn(key, make);
    this.#coming.set(key, coming);
    return coming;
  }

  #inTurn(key: string, make: () => Rendered | null): Promise<Rendered | null> {
    const rendered = this.#last.then(async () => {
      await this.#budget.room();
      this.#coming.delete(key);
      const page = this.#budget.spend(make);
      if (page) this.#cache.set(key, page);
      return page;
    });
    this.#last = rendered.catch(() => undefined).then(nextTurn);
    return rendered;
  }
}
