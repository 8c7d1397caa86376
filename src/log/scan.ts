import type { Redis } from 'ioredis';

/** Names of keys, some at a time; a key may come twice, and one that is written meanwhile may not come at all. */
export async function* keysIn(redis: Redis, pattern: string): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const [next, names] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 500);
    cursor = next;
    yield names;
  } while (cursor !== '0');
}
