import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';

/** Something that wants its share of the sweep. */
export interface SweepSource {
  /** Does a small bounded piece of work, at most a fraction of a millisecond. True when there is more to do right now. */
  step(): boolean;
}

const sliceMs = 4;
/** Long enough to tell two thousand readers, short enough for an answer to wait. */
const longestSliceMs = 32;

/**
 * Goes round its sources in slices of 4 ms and yields to the event loop between them; each source goes on from where it
 * stopped. It sleeps when none has anything to do, until it is woken. Where other work took longer than that while readers were
 * waiting, the next slice is as long (at most 32 ms): whatever strangers ask for, readers have half of the thread.
 */
export class Sweep {
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #sources: SweepSource[] = [];
  readonly #onSlice: () => void;
  readonly #whenMayWrite: () => Promise<void> | null;
  readonly #run = () => this.#slice();
  #isScheduled = false;
  /** When the last slice ended with more to do; null: nobody waits. */
  #leftAt: number | null = null;

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
    let measured: { readonly ms: number; readonly cpu: number } | null = null;
    let hasMore = true;
    let took = 0;
    const waited = this.#leftAt === null ? 0 : start - this.#leftAt;
    const mostMs = Math.min(longestSliceMs, Math.max(sliceMs, waited));
    while (hasMore && took < mostMs) {
      hasMore = false;
      for (const source of this.#sources) hasMore = source.step() || hasMore;
      took = this.#clock.now() - start;
      // To ask for CPU time costs more than most slices do; on a busy machine this thread may not have run all the while.
      if (took >= 1) measured ??= { ms: Math.min(took, sliceMs), cpu: this.#clock.cpu() };
    }
    this.#onSlice();
    if (measured) this.#measure(measured.ms + this.#clock.cpu() - measured.cpu);
    this.#leftAt = hasMore ? this.#clock.now() : null;
    if (hasMore) this.wake();
  }

  #measure(ms: number): void {
    this.#counters.longestSliceMs = Math.max(this.#counters.longestSliceMs, ms);
  }
}
