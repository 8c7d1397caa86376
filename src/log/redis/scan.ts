import type { Redis } from 'ioredis';

/** Few: what holds a key may be all versions of an item, and whoever asks reads all of one step at once. */
const keysAtOnce = 100;

/** Names of keys, some at a time; a key may come twice, and one that is written meanwhile may not come at all. */
export async function* keysIn(redis: Redis, pattern: string): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const [next, names] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', keysAtOnce);
    cursor = next;
    yield names;
  } while (cursor !== '0');
}
