/** ms of CPU of every second that rendering may take from a process whose first duty is to deliver. */
const msASecond = 250;

export interface BudgetClocks {
  /** ms of a clock that never steps. */
  now(): number;
  /** ms of CPU that all threads of this process have used: on a busy machine a page takes long and costs no more. */
  cpu(): number;
}

const processClocks: BudgetClocks = {
  now: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};

/**
 * What a stranger can make a process render is bounded: pages and feeds by any filter are not kept for ever, and each costs
 * a few ms of the thread that the readers are served from. Beyond the budget, ask again later. A process that is given less
 * than the budget (a quarter of a core) has no bound.
 */
export class RenderBudget {
  readonly #clocks: BudgetClocks;
  #left = msASecond;
  #refilledAt: number;

  constructor(clocks: BudgetClocks = processClocks) {
    this.#clocks = clocks;
    this.#refilledAt = clocks.now();
  }

  /** Null when the budget is used up; a last one may overdraw it. */
  render<Made>(make: () => Made): Made | null {
    const now = this.#clocks.now();
    this.#left = Math.min(msASecond, this.#left + ((now - this.#refilledAt) * msASecond) / 1_000);
    this.#refilledAt = now;
    if (this.#left <= 0) return null;
    const before = this.#clocks.cpu();
    const made = make();
    // Other threads work meanwhile (garbage, the disk): the thread that renders has not used more than the time that it took.
    this.#left -= Math.min(this.#clocks.cpu() - before, this.#clocks.now() - now);
    return made;
  }
}
