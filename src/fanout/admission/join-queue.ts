import type { Socket } from 'node:net';
import type { Clock } from '../scheduling/clock.ts';
import type { SweepSource } from '../scheduling/sweep.ts';
import { TokenBucket } from '../scheduling/token-bucket.ts';
import { type Problem, problems } from './problem.ts';

/** A candidate that waits for its turn. The queue calls exactly one of the two functions, once. */
export interface Joiner {
  readonly socket: Socket;
  readonly arrivedAt: number;
  join(): void;
  refuse(problem: Problem): void;
}

export interface JoinQueueDeps {
  readonly clock: Clock;
  readonly acceptRate: number;
  /** Whether entries are on their way to readers. */
  hasNews(): boolean;
  wake(): void;
}

const deadlineMs = 5_000;
/** A step of the news makes 16 writes, which take about as long as one join. So joins get a fifth of the sweep meanwhile. */
const newsStepsPerJoin = 4;

/** Joiners wait for a token and a slice of the sweep, and give way to news, so that a reconnect storm never delays delivery. */
export class JoinQueue implements SweepSource {
  readonly #deps: JoinQueueDeps;
  readonly #bucket: TokenBucket;
  readonly #joiners: Joiner[] = [];
  #next = 0;
  #isWaiting = false;
  #newsSteps = 0;

  constructor(deps: JoinQueueDeps) {
    this.#deps = deps;
    this.#bucket = new TokenBucket(deps.clock, deps.acceptRate);
  }

  get length(): number {
    return this.#joiners.length - this.#next;
  }

  /** Refuses a joiner at once if the queue is too long for its deadline. */
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
    if (!joiner || this.#isWaiting) return false;
    if (this.#deps.hasNews() && this.#newsSteps++ % newsStepsPerJoin > 0) return true;
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

  /** Removes and returns all joiners. */
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
    this.#isWaiting = true;
    this.#deps.clock.after(this.#bucket.waitMs, () => {
      this.#isWaiting = false;
      this.#deps.wake();
    });
  }
}
