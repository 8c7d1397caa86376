import { once } from 'node:events';
import { expect, inject, test } from 'vitest';
import { parseConfig } from '../../../src/ops/config.ts';
import { connectRedis, whenReady } from '../../../src/ops/redis/redis.ts';
import { RedisTrouble } from '../../../src/ops/redis/redis-trouble.ts';
import { addressOf, ownPrefix, startRedis } from '../../resources/redis-server.ts';

test('a missing database is refused, and database 0 stays untouched', async () => {
  const key = ownPrefix();
  const url = `${inject('redisUrl')}/99`;
  const trouble = new RedisTrouble(addressOf(url));
  const redis = connectRedis(addressOf(url), 'command', 'elsewhere', (error) => trouble.note(error));
  redis.on('ready', () => void redis.set(key, 'written').catch(() => undefined));
  const zero = connectRedis(addressOf(inject('redisUrl')), 'command', 'zero', () => undefined);
  await expect(trouble.unless(whenReady(redis))).rejects.toThrow('does not have the database of REDIS_URL');
  await once(redis, 'error'); // the next connection ends the same
  await whenReady(zero);
  expect(await zero.exists(key)).toBe(0);
  redis.disconnect();
  zero.disconnect();
});

test('a connection that may no longer select its database is not used in another one', async () => {
  await using server = await startRedis();
  const redis = connectRedis(addressOf(`${server.url}/1`), 'command', 'one', () => undefined);
  const admin = connectRedis(addressOf(server.url), 'command', 'admin', () => undefined);
  await Promise.all([whenReady(redis), whenReady(admin)]);
  await admin.acl('SETUSER', 'default', '-select');
  redis.disconnect(true);
  const [error] = await once(redis, 'error');
  expect(String(error)).toContain('NOPERM');
  await admin.acl('SETUSER', 'default', '+select');
  await whenReady(redis);
  await redis.set('where', 'in database 1');
  expect(await admin.exists('where')).toBe(0);
  redis.disconnect();
  admin.disconnect();
});

test.each(['news', '/1', '0/1', '1a', '-1', '%31'])('REDIS_URL with the path /%s is refused', (path) => {
  expect(() => parseConfig({ REDIS_URL: `redis://127.0.0.1:6379/${path}` })).toThrow(
    'REDIS_URL: must end with the number of a database',
  );
});

test.each(['', '/', '/0', '/15'])('REDIS_URL with the path "%s" is accepted', (path) => {
  const REDIS_URL = `redis://127.0.0.1:6379${path}`;
  expect(parseConfig({ REDIS_URL }).REDIS_URL).toBe(REDIS_URL);
});
