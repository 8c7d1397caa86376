import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';

/** Something that wants its share of the sweep. */
export interface SweepSource {
  /** Does a small bounded piece of work, at most a fraction of a millisecond. True when there is more to do right now. */
  step(): boolean;
}

export const sliceMs = 4;

/**
 * Goes round its sources in slices of at most 4 ms and yields to the event loop between them; each source goes on from
 * where it stopped. It sleeps when none has anything to do, until it is woken.
 */
export class Sweep {
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #sources: SweepSource[] = [];
  readonly #onSlice: () => void;
  readonly #whenMayWrite: () => Promise<void> | null;
  readonly #run = () => this.#slice();
  #isScheduled = false;

  /** `onSlice` is called at the end of each slice; while `whenMayWrite` gives a promise, nothing is done. */
  constructor(
    clock: Clock,
    counters: Counters,
    onSlice: () => void = () => undefined,
    whenMayWrite: () => Promise<void> | null = () => null,
  ) {
    this.#onSlice = onSlice;
    this.#whenMayWrite = whenMayWrite;
    this.#clock = clock;
    this.#counters = counters;
  }

  add(source: SweepSource): void {
    this.#sources.push(source);
  }

  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.immediate(this.#run);
  }

  #slice(): void {
    const mayWrite = this.#whenMayWrite();
    if (mayWrite !== null) {
      void mayWrite.then(() => this.#clock.immediate(this.#run));
      return;
    }
    this.#isScheduled = false;
    const start = this.#clock.now();
    const cpuBefore = this.#clock.cpu();
    let hasMore = true;
    let took = 0;
    while (hasMore && took < sliceMs) {
      hasMore = false;
      for (const source of this.#sources) hasMore = source.step() || hasMore;
      took = this.#clock.now() - start;
    }
    this.#onSlice();
    const { longestSliceMs } = this.#counters;
    this.#counters.longestSliceMs = Math.max(longestSliceMs, this.#clock.cpu() - cpuBefore);
    if (hasMore) this.wake();
  }
}
