import type { Clock } from './clock.ts';

/** After a longer stall, other processes may have appended entries that this process has not received. */
const stallMs = 1_000;
const checkMs = 250;

/**
 * Closed while this process may be behind without knowing it: its event loop has stalled (a frozen machine, a stopped process,
 * a long garbage collection), and it has not compared its replicas with the log since. Every writer asks the gate first,
 * because after a stall Node serves sockets before timers.
 */
export class StallGate {
  readonly #clock: Clock;
  readonly #compare: (stalledMs: number) => Promise<unknown>;
  #seenAt: number;
  #stalls = 0;
  #opening: Promise<void> | null = null;

  /** `compare` reads every head again, and marks as stale each edition whose head it cannot read. */
  constructor(clock: Clock, compare: (stalledMs: number) => Promise<unknown>) {
    this.#clock = clock;
    this.#compare = compare;
    this.#seenAt = clock.now();
  }

  /** Returns a function that stops it. */
  start(): () => void {
    this.#seenAt = this.#clock.now();
    return this.#clock.every(checkMs, () => void this.opening());
  }

  /** Null when the gate is open, otherwise a promise that resolves when it opens. */
  opening(): Promise<void> | null {
    const now = this.#clock.now();
    const stalledMs = now - this.#seenAt;
    this.#seenAt = now;
    if (stalledMs > stallMs) {
      this.#stalls++;
      this.#opening ??= this.#open(stalledMs);
    }
    return this.#opening;
  }

  /** Compares again if the process stalled during the comparison, which then proves nothing. */
  async #open(stalledMs: number): Promise<void> {
    for (let stalls = 0; stalls !== this.#stalls; ) {
      stalls = this.#stalls;
      await this.#compare(stalledMs);
    }
    this.#opening = null;
  }
}
