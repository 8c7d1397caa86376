import type { Clock } from '../../src/client/index.ts';

/** Time that only a test advances. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000;
  #plans: readonly { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const plan = { at: this.#now + ms, run };
    this.#plans = [...this.#plans, plan];
    return () => {
      this.#plans = this.#plans.filter((other) => other !== plan);
    };
  }

  /** How many plans there are. */
  count(): number {
    return this.#plans.length;
  }

  /** Milliseconds until the next plan; null when nothing is planned. */
  next(): number | null {
    return this.#plans.length === 0 ? null : Math.min(...this.#plans.map((plan) => plan.at)) - this.#now;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (let due = this.#due(end); due; due = this.#due(end)) {
      const { at, run } = due;
      this.#plans = this.#plans.filter((plan) => plan !== due);
      this.#now = Math.max(this.#now, at);
      run();
    }
    this.#now = end;
  }

  #due(end: number) {
    return this.#plans.filter((plan) => plan.at <= end).sort((a, b) => a.at - b.at)[0];
  }
}
