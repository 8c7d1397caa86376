import { Redis } from 'ioredis';
import { expect, inject, test, vi } from 'vitest';
import { RateLimit } from '../../../src/api/access/rate-limit.ts';
import { ownPrefix } from '../../resources/redis-server.ts';

test('processes share the count of a key', async () => {
  const redis = new Redis(inject('redisUrl'));
  try {
    const prefix = ownPrefix();
    const now = () => 90_000;
    const [one, other] = [new RateLimit(redis, prefix, 5, now), new RateLimit(redis, prefix, 5, now)];
    for (let n = 0; n < 4; n += 1) one.take('desk');
    await vi.waitFor(async () => expect(await redis.get(`${prefix}:rate:desk:1`)).toBe('4'), 10_000);
    other.take('desk');
    await vi.waitFor(() => expect(() => other.take('desk')).toThrow('At most 5'), 10_000);
  } finally {
    redis.disconnect();
  }
});
