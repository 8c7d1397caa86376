/** What to do about the worker of a queue. */
export type Verdict = 'well' | 'open-again' | 'give-up';

export interface Sight {
  /** The next job; null if none waits. */
  readonly first: string | null;
  /** Whether STOP holds the queue. */
  readonly isHeld: boolean;
  /** When the worker last had a job or an error, on the watchdog's clock; 0 if never. */
  readonly heardAt: number;
}

/** A healthy worker takes a waiting job within milliseconds. The job of a dead worker waits again after 2 s. */
export const patienceMs = 10_000;

/**
 * Finds a worker that receives no jobs although its connection works and jobs wait (bullmq #4585, #4479). The sign: the same job
 * stays next while the worker has no job and no error. A long queue, another worker that does all the work, STOP, and a Redis that
 * refuses writes do not look like this. The worker is reopened once. If that does not help, the process has to end, so that its
 * supervisor starts another.
 */
export class Watchdog {
  #first: string | null = null;
  #since: number;
  #wasOpenedAgain = false;

  constructor(now: number) {
    this.#since = now;
  }

  look(now: number, { first, isHeld, heardAt }: Sight): Verdict {
    if (first === null || isHeld || first !== this.#first) {
      this.#first = isHeld ? null : first;
      this.#since = now;
      this.#wasOpenedAgain = false;
      return 'well';
    }
    this.#since = Math.max(this.#since, heardAt);
    if (now - this.#since < patienceMs) return 'well';
    if (this.#wasOpenedAgain) return 'give-up';
    this.#wasOpenedAgain = true;
    this.#since = now;
    return 'open-again';
  }

  /** Redis did not answer, so the state of the worker is not known. */
  blind(now: number): void {
    this.#first = null;
    this.#since = now;
  }

  /** How long the next job has waited while the worker was silent, ms. */
  stillForMs(now: number): number {
    return this.#first === null ? 0 : now - this.#since;
  }
}
