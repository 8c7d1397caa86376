import type { Redis } from 'ioredis';

/** Few, because one key may hold all versions of an item, and the caller reads all keys of a step at once. */
const keysAtOnce = 100;

/** Names of keys, some at a time. A key may come twice. A key that is written during the scan may be missing. */
export async function* keysIn(redis: Redis, pattern: string): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const [next, names] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', keysAtOnce);
    cursor = next;
    yield names;
  } while (cursor !== '0');
}
