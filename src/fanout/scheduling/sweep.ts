import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';

/** A queue of work that the sweep serves in turns. */
export interface SweepSource {
  /** Does a small bounded piece of work, at most a fraction of a millisecond. Returns true when there is more to do now. */
  step(): boolean;
}

/** Surrounds the work of a slice. `end` is called in any case. */
export interface SliceScope {
  begin(): void;
  end(): void;
}

const sliceMs = 4;
/** While the desk waits for an answer on this thread. */
const shortSliceMs = 1;
/** Long enough to write to two thousand readers, short enough for an HTTP answer to wait. */
const longestSliceMs = 32;

/**
 * Serves its sources in turns, in slices of 4 ms, and yields to the event loop between slices. Each source resumes where it
 * stopped. The sweep sleeps when no source has work, until `wake`. If other work kept the readers waiting for longer than a
 * slice, the next one is as long as that wait (32 ms at most): whatever clients request, readers get half of the thread.
 * While the desk waits, a slice is 1 ms; requests then have 1 ms of a turn too (src/ops/request-turns.ts). Other work of this
 * process makes a slice longer even then, because anybody can keep a request of the desk waiting.
 */
export class Sweep {
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #sources: SweepSource[] = [];
  readonly #onSlice: () => void;
  readonly #scope: SliceScope | undefined;
  readonly #whenMayWrite: () => Promise<void> | null;
  readonly #isDeskWaiting: () => boolean;
  readonly #run = () => this.#slice();
  #isScheduled = false;
  /** CPU time at the end of the last slice that took 1 ms, ms. */
  #cpuAtEnd = 0;
  /** Since when readers wait for a slice; null when none waits. */
  #waitingSince: number | null = null;

  /** `onSlice` is called at the end of each slice. While `whenMayWrite` returns a promise, the sweep waits for it. */
  constructor(
    clock: Clock,
    counters: Counters,
    onSlice: () => void = () => undefined,
    whenMayWrite: () => Promise<void> | null = () => null,
    scope?: SliceScope,
    isDeskWaiting: () => boolean = () => false,
  ) {
    this.#onSlice = onSlice;
    this.#scope = scope;
    this.#whenMayWrite = whenMayWrite;
    this.#isDeskWaiting = isDeskWaiting;
    this.#clock = clock;
    this.#counters = counters;
  }

  add(source: SweepSource): void {
    this.#sources.push(source);
  }

  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#waitingSince ??= this.#clock.now();
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
    let elapsedMs = 0;
    const waitedMs = start - (this.#waitingSince ?? start);
    this.#waitingSince = null;
    const mostMs = Math.min(longestSliceMs, this.#sliceAfter(waitedMs));
    this.#scope?.begin();
    try {
      while (hasMore && elapsedMs < mostMs) {
        hasMore = false;
        for (const source of this.#sources) hasMore = source.step() || hasMore;
        elapsedMs = this.#clock.now() - start;
        // Reading the CPU time costs more than most slices. On a busy machine this thread may not have run all the time.
        if (elapsedMs >= 1) measured ??= { ms: Math.min(elapsedMs, sliceMs), cpu: this.#clock.cpu() };
      }
    } finally {
      this.#scope?.end();
    }
    this.#onSlice();
    if (measured) {
      this.#cpuAtEnd = this.#clock.cpu();
      this.#measure(measured.ms + this.#cpuAtEnd - measured.cpu);
    }
    if (hasMore) this.wake();
  }

  #sliceAfter(waitedMs: number): number {
    if (!this.#isDeskWaiting()) return Math.max(sliceMs, waitedMs);
    // CPU time of other programs must not make the desk wait longer.
    const workMs = Math.min(waitedMs, this.#clock.cpu() - this.#cpuAtEnd);
    return Math.max(shortSliceMs, workMs);
  }

  #measure(ms: number): void {
    this.#counters.longestSliceMs = Math.max(this.#counters.longestSliceMs, ms);
  }
}
