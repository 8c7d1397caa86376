import { expect, inject, test } from 'vitest';
import { migrate, readSchema, SchemaError, schemaVersion } from '../../../src/log/redis/schema-version.ts';
import { connect, ownPrefix } from '../../resources/redis-server.ts';

function openStore() {
  const { redis, [Symbol.dispose]: close } = connect(inject('redisUrl'));
  const prefix = ownPrefix();
  return { redis, prefix, editions: ['en', 'ar'], schema: `${prefix}:schema`, [Symbol.dispose]: close };
}

test('an empty Redis gets the version of this program', async () => {
  using store = openStore();
  expect(await readSchema(store)).toBe(null);
  expect(await migrate(store)).toBe(null);
  expect(await store.redis.get(store.schema)).toBe(String(schemaVersion));
  expect(await migrate(store)).toBe(schemaVersion);
});

test('data without a version has version 1, and one of several starting processes migrates it', async () => {
  using store = openStore();
  const meta = `${store.prefix}:{ar}:meta`;
  await store.redis.hset(meta, { epoch: 'abcdefgh', seq: 7 });
  expect(await readSchema(store)).toBe(1);
  await Promise.all(Array.from({ length: 20 }, () => migrate(store)));
  expect(await store.redis.get(store.schema)).toBe(String(schemaVersion));
  expect(await store.redis.hgetall(meta)).toEqual({ epoch: 'abcdefgh', seq: '7' });
});

test.each([
  [
    String(schemaVersion + 1),
    new RegExp(`is of schema ${schemaVersion + 1}, this program knows ${schemaVersion} at most`),
  ],
  ['importing', /flashwire import --again/],
  ['two', /is "two", no schema version/],
  ['0', /is "0", no schema version/],
])('what stands at %s is refused in one line, and nothing is written', async (value, line) => {
  using store = openStore();
  await store.redis.set(store.schema, value);
  const refusal = await migrate(store).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(SchemaError);
  expect((refusal as SchemaError).message).toMatch(line);
  expect((refusal as SchemaError).message).not.toContain('\n');
  expect(await store.redis.keys(`${store.prefix}:*`)).toEqual([store.schema]);
  expect(await store.redis.get(store.schema)).toBe(value);
});
