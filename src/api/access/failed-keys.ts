import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../http-problem.ts';

const windowMs = 60_000;
const mostAddresses = 10_000;

export interface FailedKeysOptions {
  /** Failed keys per minute and address; more are answered with `rate-limited`. */
  readonly perMinute: number;
  /** The address that a request counts for. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly now: () => number;
  /** Called once per minute for an address above the limit. */
  onMany(address: string): void;
}

interface Count {
  readonly since: number;
  tries: number;
}

/**
 * Counts failed keys by address, in this process. It is called only after a key failed: a valid key from the same address always
 * works, so an attacker cannot lock an editor out. Remembers at most 10,000 addresses.
 */
export class FailedKeys {
  readonly #options: FailedKeysOptions;
  readonly #counts = new Map<string, Count>();

  constructor(options: FailedKeysOptions) {
    this.#options = options;
  }

  /** Throws `rate-limited` above the limit. */
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
      'Too many invalid keys from this address. A valid key is still accepted.',
      [],
      seconds,
    );
  }

  get addresses(): number {
    return this.#counts.size;
  }

  #countOf(address: string, now: number): Count {
    const current = this.#counts.get(address);
    if (current && now - current.since < windowMs) return current;
    this.#counts.delete(address); // moves the address to the end
    for (const [oldest, { since }] of this.#counts) {
      if (now - since < windowMs && this.#counts.size < mostAddresses) break;
      this.#counts.delete(oldest);
    }
    const count = { since: now, tries: 0 };
    this.#counts.set(address, count);
    return count;
  }
}
