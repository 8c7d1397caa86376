import { primariesOf, type RedisConnection } from './shards.ts';

/** Few, because one key may hold all versions of an item, and the caller reads all keys of a step at once. */
const keysAtOnce = 100;

/**
 * Names of keys, some at a time. A key may come twice. A key that is written during the scan may be missing, and so may a key of a
 * slot that moves to another node of a cluster meanwhile.
 */
export async function* keysIn(redis: RedisConnection, pattern: string): AsyncGenerator<readonly string[]> {
  for (const node of primariesOf(redis)) {
    let cursor = '0';
    do {
      const [next, names] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', keysAtOnce);
      cursor = next;
      yield names;
    } while (cursor !== '0');
  }
}
