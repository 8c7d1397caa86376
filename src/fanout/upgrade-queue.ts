import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Filter } from '../protocol/filter.ts';
import type { Clock } from './clock.ts';
import type { SweepSource } from './sweep.ts';
import { TokenBucket } from './token-bucket.ts';

/** A handshake that has been checked and waits for its turn. */
export interface Joiner {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly filter: Filter;
  readonly limit: number;
  readonly since: string | null;
  /** Who it counts for in the limit per address. */
  readonly address: string;
  readonly arrivedAt: number;
}

export interface UpgradeQueueDeps {
  readonly clock: Clock;
  readonly acceptRate: number;
  wake(): void;
  join(joiner: Joiner): void;
  /** It waited too long. */
  refuse(joiner: Joiner): void;
}

const deadlineMs = 5_000;

/** Handshakes wait here for a token and a slice of the sweep, so that a storm of joiners never holds up delivery. */
export class UpgradeQueue implements SweepSource {
  readonly #deps: UpgradeQueueDeps;
  readonly #bucket: TokenBucket;
  readonly #joiners: Joiner[] = [];
  #next = 0;
  #isTimed = false;

  constructor(deps: UpgradeQueueDeps) {
    this.#deps = deps;
    this.#bucket = new TokenBucket(deps.clock, deps.acceptRate);
  }

  get length(): number {
    return this.#joiners.length - this.#next;
  }

  /** False when it could not be admitted before its deadline. */
  add(joiner: Joiner): boolean {
    if (this.length >= (this.#deps.acceptRate * deadlineMs) / 1_000) return false;
    this.#joiners.push(joiner);
    this.#deps.wake();
    return true;
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
    if (isLate || joiner.socket.destroyed) this.#deps.refuse(joiner);
    else this.#deps.join(joiner);
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
