import type { Clock } from './clock.ts';

/** Admits `rate` per second on average, in bursts of at most a quarter of a second's worth. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
    this.#burst = Math.max(1, rate / 4);
    this.#tokens = this.#burst;
    this.#at = clock.now();
  }

  take(): boolean {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#rate) / 1_000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Time until the next token, ms. */
  get waitMs(): number {
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 1_000) / this.#rate));
  }
}
