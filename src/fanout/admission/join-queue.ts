import type { Socket } from 'node:net';
import type { Clock } from '../scheduling/clock.ts';
import type { SweepSource } from '../scheduling/sweep.ts';
import { TokenBucket } from '../scheduling/token-bucket.ts';
import { type Problem, problems } from './problem.ts';

/** One who has been checked and waits for its turn. Exactly one of its two functions is called, once. */
export interface Joiner {
  readonly socket: Socket;
  readonly arrivedAt: number;
  join(): void;
  refuse(problem: Problem): void;
}

export interface JoinQueueDeps {
  readonly clock: Clock;
  readonly acceptRate: number;
  wake(): void;
}

const deadlineMs = 5_000;

/** Joiners wait here for a token and a slice of the sweep, so that a storm of joiners never holds up delivery. */
export class JoinQueue implements SweepSource {
  readonly #deps: JoinQueueDeps;
  readonly #bucket: TokenBucket;
  readonly #joiners: Joiner[] = [];
  #next = 0;
  #isTimed = false;

  constructor(deps: JoinQueueDeps) {
    this.#deps = deps;
    this.#bucket = new TokenBucket(deps.clock, deps.acceptRate);
  }

  get length(): number {
    return this.#joiners.length - this.#next;
  }

  /** One that could not be admitted before its deadline is refused at once. */
  add(joiner: Joiner): void {
    if (this.length >= (this.#deps.acceptRate * deadlineMs) / 1_000) {
      joiner.refuse(problems.busy);
      return;
    }
    this.#joiners.push(joiner);
    this.#deps.wake();
  }

  step(): boolean {
    const joiner = this.#joiners[this.#next];
    if (!joiner || this.#isTimed) return false;
    const isLate = this.#deps.clock.now() - joiner.arrivedAt > deadlineMs;
    if (!isLate && !joiner.socket.destroyed && !this.#bucket.take()) {
      this.#waitForToken();
      return false;
    }
    this.#advance();
    if (isLate || joiner.socket.destroyed) joiner.refuse(problems.busy);
    else joiner.join();
    return this.length > 0;
  }

  /** Takes all that wait, to refuse them. */
  takeAll(): readonly Joiner[] {
    const waiting = this.#joiners.slice(this.#next);
    this.#joiners.length = 0;
    this.#next = 0;
    return waiting;
  }

  #advance(): void {
    this.#next++;
    if (this.#next < 256 && this.#next < this.#joiners.length) return;
    this.#joiners.splice(0, this.#next);
    this.#next = 0;
  }

  #waitForToken(): void {
    this.#isTimed = true;
    this.#deps.clock.after(this.#bucket.waitMs, () => {
      this.#isTimed = false;
      this.#deps.wake();
    });
  }
}
