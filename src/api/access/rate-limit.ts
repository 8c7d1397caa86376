import type { Redis } from 'ioredis';
import { ProblemError } from '../http-problem.ts';

const windowSeconds = 60;
/** A report shares the disk with what is being accepted: it waits until that is done. */
const reportAfterMs = 100;

/** One key's requests in one window. `elsewhere`: what the other API processes had counted when this one last heard. */
interface Count {
  readonly window: number;
  here: number;
  reported: number;
  elsewhere: number;
  isReporting: boolean;
}

/**
 * Counts a key's requests in one-minute windows, over all API processes. A request is judged by what this process knows,
 * and reported a moment later: waiting for Redis to write a counter to the disk would hold up every flash by a
 * millisecond. Several processes together can let through too many for that moment. Withhold and retract never ask. While
 * Redis is away nothing is reported: nothing is accepted either.
 */
export class RateLimit {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #what: string;
  readonly #counts = new Map<string, Count>();

  constructor(redis: Redis, prefix: string, perMinute: number, now: () => number, what = 'requests') {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#perMinute = perMinute;
    this.#now = now;
    this.#what = what;
  }

  /** Throws `rate-limited` with the seconds until the next window. */
  take(keyId: string): void {
    const seconds = Math.floor(this.#now() / 1_000);
    const count = this.#count(keyId, Math.floor(seconds / windowSeconds));
    count.here++;
    this.#reportSoon(keyId, count);
    if (count.here + count.elsewhere <= this.#perMinute) return;
    const retryAfter = windowSeconds - (seconds % windowSeconds);
    throw new ProblemError(
      'rate-limited',
      `At most ${this.#perMinute} ${this.#what} a minute with one key. Hiding and retracting are not limited.`,
      [],
      retryAfter,
    );
  }

  #count(keyId: string, window: number): Count {
    const known = this.#counts.get(keyId);
    if (known?.window === window) return known;
    const count = { window, here: 0, reported: 0, elsewhere: 0, isReporting: false };
    this.#counts.set(keyId, count);
    return count;
  }

  #reportSoon(keyId: string, count: Count): void {
    if (count.isReporting) return;
    count.isReporting = true;
    setTimeout(() => void this.#report(keyId, count), reportAfterMs).unref();
  }

  async #report(keyId: string, count: Count): Promise<void> {
    const key = `${this.#prefix}:rate:${this.#what === 'requests' ? '' : `${this.#what}:`}${keyId}:${count.window}`;
    const by = count.here - count.reported;
    try {
      const replies = await this.#redis
        .multi()
        .incrby(key, by)
        .expire(key, windowSeconds * 2)
        .exec();
      count.reported += by;
      count.elsewhere = Math.max(count.elsewhere, Number(replies?.[0]?.[1] ?? 0) - count.reported);
    } catch {
      // Redis is away, as every other part of a request says by itself; what was not counted goes with the next report.
    } finally {
      count.isReporting = false;
    }
  }
}

export interface OtherLimits {
  readonly signIns: Pick<RateLimit, 'take'>;
  /** Of STOP: emergencies are short, so a hand that pulls is never stopped by it. */
  readonly pulls: Pick<RateLimit, 'take'>;
  readonly releases: Pick<RateLimit, 'take'>;
  /** Keys made and revoked. */
  readonly keyChanges: Pick<RateLimit, 'take'>;
}

/** What writes into the trails of the site is bounded too, each for itself. */
export function otherLimits(redis: Redis, prefix: string, now: () => number): OtherLimits {
  return {
    signIns: new RateLimit(redis, prefix, 60, now, 'sign-ins'),
    pulls: new RateLimit(redis, prefix, 60, now, 'turns-of-stop'),
    releases: new RateLimit(redis, prefix, 10, now, 'releases-of-stop'),
    keyChanges: new RateLimit(redis, prefix, 60, now, 'changes-of-keys'),
  };
}
