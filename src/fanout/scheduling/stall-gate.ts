import type { Clock } from './clock.ts';

/** Longer than this, and others may have written what this process has not heard of. */
const stallMs = 1_000;
const lookMs = 250;

/**
 * Shut while this process may not know that it is behind: its own loop stood still (a frozen machine, a stopped process, a
 * long collection), and what it holds has not been compared with the log since. Whoever writes asks it first, because after
 * a stall sockets come before timers.
 */
export class StallGate {
  readonly #clock: Clock;
  readonly #compare: (stoodStillMs: number) => Promise<unknown>;
  #seenAt: number;
  #stalls = 0;
  #opening: Promise<void> | null = null;

  /** `compare` reads every head again, and marks stale what it could not read. */
  constructor(clock: Clock, compare: (stoodStillMs: number) => Promise<unknown>) {
    this.#clock = clock;
    this.#compare = compare;
    this.#seenAt = clock.now();
  }

  /** Returns what stops it. */
  start(): () => void {
    this.#seenAt = this.#clock.now();
    return this.#clock.every(lookMs, () => void this.opening());
  }

  /** Null when it is open, otherwise what resolves once it is. */
  opening(): Promise<void> | null {
    const now = this.#clock.now();
    const stoodStillMs = now - this.#seenAt;
    this.#seenAt = now;
    if (stoodStillMs > stallMs) {
      this.#stalls++;
      this.#opening ??= this.#open(stoodStillMs);
    }
    return this.#opening;
  }

  /** A comparison in which it stood still again proves nothing. */
  async #open(stoodStillMs: number): Promise<void> {
    for (let stalls = 0; stalls !== this.#stalls; ) {
      stalls = this.#stalls;
      await this.#compare(stoodStillMs);
    }
    this.#opening = null;
  }
}
