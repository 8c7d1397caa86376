/** What is to be done about a queue's worker. */
export type Verdict = 'well' | 'open-again' | 'give-up';

export interface Sight {
  /** The job that is next in line; null: none waits. */
  readonly first: string | null;
  /** STOP holds the queue. */
  readonly isHeld: boolean;
  /** When the worker was last heard of (a job taken, done or failed, or an error), on the watchdog's clock; 0: never. */
  readonly heardAt: number;
}

/** A worker that is well takes a waiting job within milliseconds; a dead one's job is out again after 2 s. */
export const patienceMs = 10_000;

/**
 * Finds a worker that has gone deaf: its connection answers, and jobs wait that it never asks for (bullmq #4585, #4479). The
 * sign is that one and the same job stays first in line while the worker says nothing, not even an error: so neither a long
 * queue nor another worker that does all the work, neither STOP nor a Redis that refuses writes looks like it. Once it is to
 * be opened again; if that does not help, the process is to end, so that its supervisor starts another.
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

  /** Redis did not answer: nobody knows, and nobody is to blame. */
  blind(now: number): void {
    this.#first = null;
    this.#since = now;
  }

  /** ms that the first in line has waited in silence. */
  stillForMs(now: number): number {
    return this.#first === null ? 0 : now - this.#since;
  }
}
