import { expect, inject, test } from 'vitest';
import { schemaVersion } from '../../src/log/redis/schema-version.ts';
import { runFlashwire, startFlashwire, until } from '../resources/flashwire.ts';
import { connect, ownPrefix } from '../resources/redis-server.ts';

const env = (prefix: string) => ({ REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: prefix });

test.each(['worker', 'api', 'fanout', 'all'])(
  '%s ends with 2 and one line on data that is newer, and writes nothing',
  async (role) => {
    using server = connect(inject('redisUrl'));
    const prefix = ownPrefix();
    await server.redis.set(`${prefix}:schema`, schemaVersion + 1);
    const { code, err } = await runFlashwire([role], env(prefix));
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toEqual([
      `flashwire: the data in Redis (prefix ${prefix}) is of schema ${schemaVersion + 1}, this program knows ${schemaVersion} at most: run the Flashwire that wrote it, or go back to a backup from before the upgrade (the start stops)`,
    ]);
    expect(await server.redis.keys(`${prefix}:*`)).toEqual([`${prefix}:schema`]);
  },
);

test('no role starts under the rehearsal prefix of another site', async () => {
  using server = connect(inject('redisUrl'));
  const prefix = ownPrefix();
  await server.redis.set(`${prefix}:schema`, schemaVersion);
  const ended = await Promise.all(['worker', 'fanout'].map((role) => runFlashwire([role], env(`${prefix}-test`))));
  for (const { code, err } of ended) {
    expect(code).toBe(2);
    expect(err).toBe(
      `flashwire: the site with the prefix ${prefix} rehearses under ${prefix}-test: set FLASHWIRE_REDIS_PREFIX to something that does not end in -test (the start stops)\n`,
    );
  }
  expect(await server.redis.keys(`${prefix}-test:*`)).toEqual([]);
});

test('a fan-out waits until a worker has migrated older data', async () => {
  using server = connect(inject('redisUrl'));
  const prefix = ownPrefix();
  await server.redis.hset(`${prefix}:{en}:meta`, 'epoch', 'abcdefgh');
  const lines: string[] = [];
  const fanout = startFlashwire('fanout', env(prefix), 60_000, { output: lines });
  fanout.catch(() => undefined); // awaited below
  await until(() => lines.some((line) => line.includes('to migrate the data')), 30_000, 'the fan-out waits');
  expect(lines.some((line) => line.includes('"listening"'))).toBe(false);
  expect(await server.redis.keys(`${prefix}:*`)).toEqual([`${prefix}:{en}:meta`]);
  await using worker = await startFlashwire('worker', env(prefix));
  await using waited = await fanout;
  expect((await fetch(`${waited.url}/v1/feed.json?edition=en`)).status).toBe(200);
  expect(worker.output.some((line) => line.includes('data migrated'))).toBe(true);
  expect(await server.redis.get(`${prefix}:schema`)).toBe(String(schemaVersion));
  expect(await server.redis.hget(`${prefix}:{en}:meta`, 'epoch')).toBe('abcdefgh');
});
