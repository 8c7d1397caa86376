import type { Clock } from '../scheduling/clock.ts';
import type { Counters } from '../scheduling/counters.ts';
import { Recent } from './recent.ts';

const readsAtOnce = 4;
const readsWaiting = 16;
/** Items that a process reads in a second on average, and at once: a thousand are about 0.15 s of its thread. */
const itemsASecond = 2_000;
const itemsAtOnce = 8_000;
/** What one client may use of each, so that it takes nothing away from the others. */
const shareOfOne = 1 / 2;
const clientsKept = 4_096;

/**
 * What all who ask for older items or for a single item may cost Redis, in one process: four reads under way, sixteen waiting,
 * and so many items a second, so that its own reads of the head are answered in time and its thread is there for those who wait
 * for news.
 */
export class ReadBudget {
  readonly #counters: Counters;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #waiting: { readonly client: string; readonly go: () => void }[] = [];
  readonly #all: Allowance;
  readonly #clients = new Recent<Allowance>(clientsKept);
  #running = 0;

  constructor(counters: Counters, clock: Pick<Clock, 'now'>) {
    this.#counters = counters;
    this.#clock = clock;
    this.#all = new Allowance(itemsASecond, itemsAtOnce, clock.now());
  }

  /**
   * Reads in its turn at most so many items for this client; what was not read in the end, `unread` gives back. Null: too many
   * ask at once. Rejects as `read` does.
   */
  run<Result>(client: string, items: number, read: (unread: (items: number) => void) => Promise<Result>) {
    const waiting = this.#waiting.filter((other) => other.client === client).length;
    const own = this.#clients.get(client) ?? new Allowance(itemsASecond * shareOfOne, itemsAtOnce * shareOfOne, 0);
    this.#clients.set(client, own);
    const now = this.#clock.now();
    const isFull = this.#waiting.length >= readsWaiting || waiting >= readsWaiting * shareOfOne;
    if (isFull || this.#all.at(now) < items || own.at(now) < items) {
      this.#counters.refused.history++;
      return null;
    }
    for (const allowance of [this.#all, own]) allowance.add(-items);
    return this.#inTurn(client, () =>
      read((unread) => {
        for (const allowance of [this.#all, own]) allowance.add(unread);
      }),
    );
  }

  async #inTurn<Result>(client: string, read: () => Promise<Result>): Promise<Result> {
    if (this.#running === readsAtOnce) await new Promise<void>((go) => this.#waiting.push({ client, go }));
    else this.#running++;
    try {
      return await read();
    } finally {
      // Whoever waits takes over the place.
      const next = this.#waiting.shift();
      if (next) next.go();
      else this.#running--;
    }
  }
}

/** So many a second, and so many at once after a pause. */
class Allowance {
  readonly #aSecond: number;
  readonly #most: number;
  #left: number;
  #refilledAt: number;

  constructor(aSecond: number, most: number, now: number) {
    this.#aSecond = aSecond;
    this.#most = most;
    this.#left = most;
    this.#refilledAt = now;
  }

  /** What is left now. */
  at(now: number): number {
    this.add(((now - this.#refilledAt) * this.#aSecond) / 1_000);
    this.#refilledAt = now;
    return this.#left;
  }

  add(items: number): void {
    this.#left = Math.min(this.#most, this.#left + items);
  }
}
