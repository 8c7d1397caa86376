import type { Clock } from '../process/clock.ts';
import type { Place } from './fleet.ts';
import { parseMetrics } from './metrics-reading.ts';

interface Reading {
  readonly at: number;
  /** Readers that have joined since the start of the process. */
  readonly joined: number;
}

const everyMs = 200;
/** A shorter time would count a burst as a rate. */
const overMs = 1_000;

/** Watches how many readers join each fan-out in a second, by its own metrics. */
export class JoinRate implements Disposable {
  readonly #places: readonly Place[];
  readonly #clock: Clock;
  /** By process: whoever takes a place counts from 0. */
  readonly #readings = new Map<number, Reading[]>();
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(places: readonly Place[], clock: Clock) {
    this.#places = places.filter(({ role }) => role === 'fanout');
    this.#clock = clock;
    this.#timer = setInterval(() => {
      for (const place of this.#places) void this.#read(place);
    }, everyMs);
  }

  /** The most joins of one process within a second so far, per second. */
  get peak(): number {
    return this.#peak;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #read({ pid, metricsUrl }: Place): Promise<void> {
    const at = this.#clock();
    // A process that starts or ends answers nothing.
    const body = await fetch(metricsUrl, { signal: AbortSignal.timeout(5_000) }).then(
      (answer) => answer.text(),
      () => null,
    );
    if (body === null) return;
    const now = { at: (at + this.#clock()) / 2, joined: joinedOf(body) };
    const readings = this.#readings.get(pid) ?? [];
    this.#readings.set(pid, [...readings, now]);
    const before = readings.findLast((one) => now.at - one.at >= overMs);
    // A process is new to this: what has joined so far joined since its start.
    if (before) this.#peak = Math.max(this.#peak, (now.joined - before.joined) / ((now.at - before.at) / 1_000));
  }
}

/** Whoever joins is answered once, by `resumed` or by a snapshot. */
export function joinedOf(metrics: string): number {
  return parseMetrics(metrics)
    .filter(({ name }) => name === 'flashwire_resumed_total' || name === 'flashwire_snapshots_total')
    .reduce((sum, { value }) => sum + value, 0);
}
