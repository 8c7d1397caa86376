import type { Clock } from '../scheduling/clock.ts';
import type { Counters } from '../scheduling/counters.ts';
import { LruMap } from './lru-map.ts';

const readsAtOnce = 4;
const readsWaiting = 16;
/** Items that a process reads per second on average, and at once. A thousand items take about 0.15 s of its thread. */
const itemsPerSecond = 2_000;
const itemsAtOnce = 8_000;
/** The share of each limit that one client may use, so that the rest remains for the others. */
const shareOfOne = 1 / 2;
const clientsKept = 4_096;

/**
 * Bounds what reads of older items and of single items cost Redis per process: four reads at once, sixteen waiting, and 2,000
 * items per second. So Redis answers the process' own reads of the head in time, and its thread stays free for delivery.
 */
export class ReadBudget {
  readonly #counters: Counters;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #waiting: { readonly client: string; readonly go: () => void }[] = [];
  readonly #all: Allowance;
  readonly #clients = new LruMap<Allowance>(clientsKept);
  #running = 0;

  constructor(counters: Counters, clock: Pick<Clock, 'now'>) {
    this.#counters = counters;
    this.#clock = clock;
    this.#all = new Allowance(itemsPerSecond, itemsAtOnce, clock.now());
  }

  /**
   * Runs `read` in its turn, for at most `items` items of this client. `read` returns the items that it did not need through
   * `unread`. Null if too many clients ask at once. Rejects as `read` does.
   */
  run<Result>(client: string, items: number, read: (unread: (items: number) => void) => Promise<Result>) {
    const waiting = this.#waiting.filter((other) => other.client === client).length;
    const own = this.#clients.get(client) ?? new Allowance(itemsPerSecond * shareOfOne, itemsAtOnce * shareOfOne, 0);
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
      // The next waiting read takes over the place.
      const next = this.#waiting.shift();
      if (next) next.go();
      else this.#running--;
    }
  }
}

/** A number of items per second, and a larger number at once after a pause. */
class Allowance {
  readonly #perSecond: number;
  readonly #most: number;
  #left: number;
  #refilledAt: number;

  constructor(perSecond: number, most: number, now: number) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#left = most;
    this.#refilledAt = now;
  }

  /** The items that are left at this time. */
  at(now: number): number {
    this.add(((now - this.#refilledAt) * this.#perSecond) / 1_000);
    this.#refilledAt = now;
    return this.#left;
  }

  add(items: number): void {
    this.#left = Math.min(this.#most, this.#left + items);
  }
}
