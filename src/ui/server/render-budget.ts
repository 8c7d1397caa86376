/** ms of CPU of every second that rendering may take from a process whose first duty is to deliver. */
const msASecond = 250;
/** What one client may use of it, so that it takes nothing away from the others. */
const msOfOne = msASecond / 2;
const clientsKept = 4_096;

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
  readonly #all: Share;
  readonly #clients = new Map<string, Share>();

  constructor(clocks: BudgetClocks = processClocks) {
    this.#clocks = clocks;
    this.#all = new Share(msASecond, clocks.now());
  }

  /** Null when the budget is used up, by all together or by this client; a last one may overdraw it. */
  render<Made>(make: () => Made, client: string | null = null): Made | null {
    const now = this.#clocks.now();
    const own = client === null ? null : this.#shareOf(client, now);
    if (this.#all.at(now) <= 0 || (own !== null && own.at(now) <= 0)) return null;
    return this.#spend(make, own);
  }

  /** Renders whatever is left. */
  spend<Made>(make: () => Made): Made {
    return this.#spend(make, null);
  }

  /** Resolves once something is left. */
  async room(): Promise<void> {
    for (let left = this.#all.at(this.#clocks.now()); left <= 0; left = this.#all.at(this.#clocks.now())) {
      const waitMs = Math.ceil((1 - left) * (1_000 / msASecond));
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  #spend<Made>(make: () => Made, own: Share | null): Made {
    const now = this.#clocks.now();
    this.#all.at(now);
    const before = this.#clocks.cpu();
    const made = make();
    // Other threads work meanwhile (garbage, the disk): the thread that renders has not used more than the time that it took.
    const spent = Math.min(this.#clocks.cpu() - before, this.#clocks.now() - now);
    this.#all.take(spent);
    own?.take(spent);
    return made;
  }

  #shareOf(client: string, now: number): Share {
    const known = this.#clients.get(client) ?? new Share(msOfOne, now);
    this.#clients.delete(client);
    this.#clients.set(client, known);
    const oldest = this.#clients.keys().next().value;
    if (this.#clients.size > clientsKept && oldest !== undefined) this.#clients.delete(oldest);
    return known;
  }
}

/** So many ms a second, and as many at once after a pause. */
class Share {
  readonly #msASecond: number;
  #left: number;
  #refilledAt: number;

  constructor(msASecond: number, now: number) {
    this.#msASecond = msASecond;
    this.#left = msASecond;
    this.#refilledAt = now;
  }

  /** What is left now; below 0 where the last one has overdrawn it. */
  at(now: number): number {
    this.#left = Math.min(this.#msASecond, this.#left + ((now - this.#refilledAt) * this.#msASecond) / 1_000);
    this.#refilledAt = now;
    return this.#left;
  }

  take(ms: number): void {
    this.#left -= ms;
  }
}
