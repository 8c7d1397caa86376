import { once } from 'node:events';
import { expect, inject, test } from 'vitest';
import { parseConfig } from '../../src/ops/config.ts';
import { connectRedis, whenReady } from '../../src/ops/redis.ts';
import { ownPrefix, startRedis } from '../redis-server.ts';

test('a database that Redis does not have is refused, and nothing is done in database 0 meanwhile', async () => {
  const key = ownPrefix();
  const redis = connectRedis(`${inject('redisUrl')}/99`, 'command', 'elsewhere', () => undefined);
  redis.on('ready', () => void redis.set(key, 'written').catch(() => undefined));
  const zero = connectRedis(inject('redisUrl'), 'command', 'zero', () => undefined);
  await expect(whenReady(redis)).rejects.toThrow(/^REDIS_URL: database 99 cannot be used: ERR .*out of range$/);
  await expect(whenReady(redis)).rejects.toThrow('database 99'); // the next connection ends the same
  await whenReady(zero);
  expect(await zero.exists(key)).toBe(0);
  redis.disconnect();
  zero.disconnect();
});

test('a connection that may not select its database any more is not used in another one', async () => {
  await using server = await startRedis();
  const redis = connectRedis(`${server.url}/1`, 'command', 'one', () => undefined);
  const admin = connectRedis(server.url, 'command', 'admin', () => undefined);
  await Promise.all([whenReady(redis), whenReady(admin)]);
  await admin.acl('SETUSER', 'default', '-select');
  redis.disconnect(true);
  await once(redis, 'close');
  await expect(whenReady(redis)).rejects.toThrow('database 1');
  await admin.acl('SETUSER', 'default', '+select');
  await whenReady(redis).catch(() => whenReady(redis));
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

test.each(['', '/', '/0', '/15'])('REDIS_URL with the path "%s" is taken', (path) => {
  const REDIS_URL = `redis://127.0.0.1:6379${path}`;
  expect(parseConfig({ REDIS_URL }).REDIS_URL).toBe(REDIS_URL);
});
