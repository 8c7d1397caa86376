import type { Clock } from '../process/clock.ts';

/** A part of a long run; those of one name take equally long. */
export interface Step {
  readonly name: string;
  /** A guess. */
  readonly expectedMs: number;
}

/** How long the steps of a run still take: by those of the same name that have ended, else by the guess, corrected by what the guesses before it were worth. */
export class TimeLeft {
  readonly #steps: readonly Step[];
  readonly #clock: Clock;
  readonly #took = new Map<string, number>();
  #at = 0;
  #since: number;

  constructor(steps: readonly Step[], clock: Clock) {
    this.#steps = steps;
    this.#clock = clock;
    this.#since = clock();
  }

  /** From now to the end of the last step. */
  get ms(): number {
    const [current, ...later] = this.#steps.slice(this.#at);
    if (current === undefined) return 0;
    const inCurrent = Math.max(0, this.#expected(current) - (this.#clock() - this.#since));
    return later.reduce((sum, step) => sum + this.#expected(step), inCurrent);
  }

  /** The step at hand has ended, and the next one begins. */
  next(): void {
    const now = this.#clock();
    const step = this.#steps[this.#at];
    if (step !== undefined) this.#took.set(step.name, now - this.#since);
    this.#at += 1;
    this.#since = now;
  }

  #expected({ name, expectedMs }: Step): number {
    return this.#took.get(name) ?? expectedMs * this.#worth();
  }

  #worth(): number {
    const known = this.#steps.slice(0, this.#at);
    const guessed = known.reduce((sum, step) => sum + step.expectedMs, 0);
    const took = known.reduce((sum, step) => sum + (this.#took.get(step.name) ?? 0), 0);
    return guessed === 0 ? 1 : took / guessed;
  }
}
