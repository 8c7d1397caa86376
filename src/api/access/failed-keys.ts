import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../http-problem.ts';

const windowMs = 60_000;
const mostAddresses = 10_000;

export interface FailedKeysOptions {
  /** Wrong keys that an address may send in a minute before it is told to stop. */
  readonly perMinute: number;
  /** Who a request counts for. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly now: () => number;
  /** Once a minute for an address that goes on. */
  onMany(address: string): void;
}

interface Count {
  readonly since: number;
  tries: number;
}

/**
 * Counts wrong keys by address, in this process. It is asked only after a key was found to be wrong: a right one from the
 * same address works at any time, so nobody can lock an editor out. Remembers at most 10,000 addresses.
 */
export class FailedKeys {
  readonly #options: FailedKeysOptions;
  readonly #counts = new Map<string, Count>();

  constructor(options: FailedKeysOptions) {
    this.#options = options;
  }

  /** Throws `rate-limited` once there were too many. */
  count(request: IncomingMessage): void {
    const { perMinute, addressOf, now, onMany } = this.#options;
    const address = addressOf(request);
    const count = this.#countOf(address, now());
    count.tries++;
    if (count.tries <= perMinute) return;
    if (count.tries === perMinute + 1) onMany(address);
    const seconds = Math.max(1, Math.ceil((count.since + windowMs - now()) / 1_000));
    throw new ProblemError(
      'rate-limited',
      'Too many wrong keys from this address. A right one is taken at any time.',
      [],
      seconds,
    );
  }

  get addresses(): number {
    return this.#counts.size;
  }

  #countOf(address: string, now: number): Count {
    const known = this.#counts.get(address);
    if (known && now - known.since < windowMs) return known;
    this.#counts.delete(address); // to stand last
    for (const [oldest, { since }] of this.#counts) {
      if (now - since < windowMs && this.#counts.size < mostAddresses) break;
      this.#counts.delete(oldest);
    }
    const count = { since: now, tries: 0 };
    this.#counts.set(address, count);
    return count;
  }
}
