import type { Redis } from 'ioredis';
import { HttpProblem } from './http-problem.ts';

const windowSeconds = 60;

/** Counts a key's requests in one-minute windows. Withhold and retract never ask. While Redis is away nothing is counted: nothing is accepted either. */
export class RateLimit {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #perMinute: number;
  readonly #now: () => number;

  constructor(redis: Redis, prefix: string, perMinute: number, now: () => number) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Throws `rate-limited` with the seconds until the next window. */
  async take(keyId: string): Promise<void> {
    const seconds = Math.floor(this.#now() / 1_000);
    const key = `${this.#prefix}:rate:${keyId}:${Math.floor(seconds / windowSeconds)}`;
    const replies = await this.#redis
      .multi()
      .incr(key)
      .expire(key, windowSeconds * 2)
      .exec();
    if (Number(replies?.[0]?.[1] ?? 0) <= this.#perMinute) return;
    const retryAfter = windowSeconds - (seconds % windowSeconds);
    throw new HttpProblem(
      'rate-limited',
      `At most ${this.#perMinute} requests a minute with one key. Hiding and retracting are not limited.`,
      [],
      { 'retry-after': String(retryAfter) },
    );
  }
}
