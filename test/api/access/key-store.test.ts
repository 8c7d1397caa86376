import { expect, inject, test } from 'vitest';
import { KeyStore } from '../../../src/api/access/key-store.ts';
import { testKey } from '../../resources/flashwire.ts';
import { connect, ownPrefix } from '../../resources/redis-server.ts';

const start = Date.UTC(2026, 10, 26, 9);

/** Keys in a real Redis, under a clock of the test's. */
function openKeys() {
  const connection = connect(inject('redisUrl'));
  const { redis } = connection;
  const prefix = ownPrefix();
  let at = start;
  const keys = new KeyStore({ redis, prefix, bootstrapKey: testKey, now: () => at });
  return {
    redis,
    prefix,
    keys,
    /** ms after the start. */
    turnTo: (ms: number) => {
      at = start + ms;
    },
    /** ms after the start; 0: never; null: not known. What was noted before is there: a connection is answered in order. */
    lastUse: async (keyId: string) => {
      const used = (await keys.list()).find((key) => key.keyId === keyId)?.lastUsedAt ?? null;
      return used && used - start;
    },
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  };
}

test('the use of a key is written at once, and then once a minute', async () => {
  using own = openKeys();
  const { keyId, token } = await own.keys.create({ name: 'A program', role: 'editor' });
  expect(await own.lastUse(keyId)).toBe(0);
  for (const [at, noted] of [
    [1_000, 1_000],
    [60_000, 1_000],
    [61_000, 61_000],
    [62_000, 61_000],
  ] as const) {
    own.turnTo(at);
    expect(await own.keys.authenticate(token)).toMatchObject({ keyId });
    expect(await own.lastUse(keyId)).toBe(noted);
  }
});

test('a wrong secret, a revoked key and the bootstrap key write no use', async () => {
  using own = openKeys();
  const { keyId, token } = await own.keys.create({ name: 'A program', role: 'editor' });
  expect(await own.keys.authenticate(`${token}x`)).toBeNull();
  expect(await own.keys.authenticate(testKey)).toMatchObject({ name: 'Bootstrap key' });
  expect(await own.lastUse(keyId)).toBe(0);
  await own.keys.revoke(keyId);
  expect(await own.keys.authenticate(token)).toBeNull();
  expect(await own.lastUse(keyId)).toBe(0);
  expect(await own.redis.keys(`${own.prefix}:key:*`)).toEqual([`${own.prefix}:key:${keyId}`]);
});

test('the last use of a key of an older version is unknown until it is used', async () => {
  using own = openKeys();
  const { keyId, token } = await own.keys.create({ name: 'A program', role: 'editor' });
  await own.redis.hdel(`${own.prefix}:key:${keyId}`, 'lastUsedAt');
  expect(await own.lastUse(keyId)).toBeNull();
  own.turnTo(5_000);
  await own.keys.authenticate(token);
  expect(await own.lastUse(keyId)).toBe(5_000);
});

test('a use that Redis rejects is written with the next use', async () => {
  using own = openKeys();
  const { keyId, token } = await own.keys.create({ name: 'A program', role: 'editor' });
  const { hset } = own.redis;
  own.redis.hset = () => Promise.reject(new Error('READONLY'));
  expect(await own.keys.authenticate(token)).toMatchObject({ keyId });
  own.redis.hset = hset;
  own.turnTo(1_000);
  expect(await own.keys.authenticate(token)).toMatchObject({ keyId });
  expect(await own.lastUse(keyId)).toBe(1_000);
});
