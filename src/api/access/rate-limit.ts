import { siteKeys } from '../../log/redis/redis-keys.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import { ProblemError } from '../http-problem.ts';

const windowSeconds = 60;
/** A report uses the same disk as the acceptance, so it waits until the acceptance is done. */
const reportAfterMs = 100;

/** The requests of a key in one window. `elsewhere`: the count of the other api processes at the last report. */
interface Count {
  readonly window: number;
  here: number;
  reported: number;
  elsewhere: number;
  isReporting: boolean;
}

/**
 * Limits the requests of a key per minute, over all api processes. A process decides by its own counts and reports to Redis
 * 100 ms later: to wait for Redis would delay every flash by a millisecond. During that time several processes together can
 * accept too many. Withhold and retract are not limited. Without Redis nothing is reported, but nothing is accepted either.
 */
export class RateLimit {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #what: string;
  readonly #counts = new Map<string, Count>();

  constructor(redis: RedisConnection, prefix: string, perMinute: number, now: () => number, what = 'requests') {
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
      `At most ${this.#perMinute} ${this.#what} per minute with one key. Hide and retract are not limited.`,
      [],
      retryAfter,
    );
  }

  #count(keyId: string, window: number): Count {
    const current = this.#counts.get(keyId);
    if (current?.window === window) return current;
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
    const key = siteKeys(this.#prefix).rate(this.#what === 'requests' ? '' : this.#what, keyId, count.window);
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
      // Redis is unreachable, which the rest of the request reports. The next report carries this count.
    } finally {
      count.isReporting = false;
    }
  }
}

export interface OtherLimits {
  readonly signIns: Pick<RateLimit, 'take'>;
  /** Of STOP. The limit is wide, so that it never stops an editor in an emergency. */
  readonly pulls: Pick<RateLimit, 'take'>;
  readonly releases: Pick<RateLimit, 'take'>;
  /** Creating and revoking keys. */
  readonly keyChanges: Pick<RateLimit, 'take'>;
  /** Confirming sources. */
  readonly sourceChanges: Pick<RateLimit, 'take'>;
}

/** Separate limits for the other requests that write into the audit trails. */
export function otherLimits(redis: RedisConnection, prefix: string, now: () => number): OtherLimits {
  return {
    signIns: new RateLimit(redis, prefix, 60, now, 'sign-ins'),
    pulls: new RateLimit(redis, prefix, 60, now, 'turns-of-stop'),
    releases: new RateLimit(redis, prefix, 10, now, 'releases-of-stop'),
    keyChanges: new RateLimit(redis, prefix, 60, now, 'changes-of-keys'),
    sourceChanges: new RateLimit(redis, prefix, 60, now, 'changes-of-sources'),
  };
}
