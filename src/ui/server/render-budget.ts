/** ms of every second that rendering may take from a process whose first duty is to deliver. */
const msASecond = 250;

/**
 * What a stranger can make a process render is bounded: pages and feeds by any filter are not kept for ever, and each costs
 * a few ms of the thread that the readers are served from. Beyond the budget, ask again later.
 */
export class RenderBudget {
  readonly #now: () => number;
  #left = msASecond;
  #refilledAt: number;

  /** `now`: ms of a clock that never steps. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#refilledAt = now();
  }

  /** Null when the budget is used up; a last one may overdraw it. */
  render<Made>(make: () => Made): Made | null {
    const start = this.#now();
    this.#left = Math.min(msASecond, this.#left + ((start - this.#refilledAt) * msASecond) / 1_000);
    this.#refilledAt = start;
    if (this.#left <= 0) return null;
    const made = make();
    this.#left -= this.#now() - start;
    return made;
  }
}
