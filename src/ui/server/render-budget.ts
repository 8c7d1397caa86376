/** CPU time per second that rendering may take, ms: the first duty of the process is delivery. */
const msASecond = 250;
/** The share of one client, so that others can render too. */
const msOfOne = msASecond / 2;
const clientsKept = 4_096;

export interface BudgetClocks {
  /** Monotonic clock, ms. */
  now(): number;
  /** CPU time of all threads of this process, ms. On a busy machine a page takes longer but does not cost more. */
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
 * Bounds the rendering that clients can cause. Pages and feeds of arbitrary filters are not cached permanently, and each
 * costs a few ms of the thread that serves readers. Beyond the budget clients have to retry later. A process with less CPU
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

  /** Null when the budget is used up, by all clients or by this one. The last render may overdraw it. */
  render<Made>(make: () => Made, client: string | null = null): Made | null {
    const now = this.#clocks.now();
    const own = client === null ? null : this.#shareOf(client, now);
    if (this.#all.at(now) <= 0 || (own !== null && own.at(now) <= 0)) return null;
    return this.#spend(make, own);
  }

  /** Renders regardless of the budget, and charges it. */
  spend<Made>(make: () => Made): Made {
    return this.#spend(make, null);
  }

  /** Resolves when some budget is left. */
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
    const result = make();
    // Other threads work at the same time (garbage collection, disk), so the render costs at most the elapsed time.
    const spent = Math.min(this.#clocks.cpu() - before, this.#clocks.now() - now);
    this.#all.take(spent);
    own?.take(spent);
    return result;
  }

  #shareOf(client: string, now: number): Share {
    const share = this.#clients.get(client) ?? new Share(msOfOne, now);
    this.#clients.delete(client);
    this.#clients.set(client, share);
    const oldest = this.#clients.keys().next().value;
    if (this.#clients.size > clientsKept && oldest !== undefined) this.#clients.delete(oldest);
    return share;
  }
}

/** A budget in ms per second. After a pause it holds one second's worth. */
class Share {
  readonly #msASecond: number;
  #left: number;
  #refilledAt: number;

  constructor(msASecond: number, now: number) {
    this.#msASecond = msASecond;
    this.#left = msASecond;
    this.#refilledAt = now;
  }

  /** What is left now; below 0 after an overdraft. */
  at(now: number): number {
    this.#left = Math.min(this.#msASecond, this.#left + ((now - this.#refilledAt) * this.#msASecond) / 1_000);
    this.#refilledAt = now;
    return this.#left;
  }

  take(ms: number): void {
    this.#left -= ms;
  }
}
