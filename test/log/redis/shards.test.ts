import { once } from 'node:events';
import { expect, inject, test } from 'vitest';
import { Shards } from '../../../src/log/redis/shards.ts';
import { until } from '../../resources/flashwire.ts';
import { connect, startRedis } from '../../resources/redis-server.ts';
import { bodyOf, openEditionLog } from '../edition-log.ts';

test('on one Redis every edition has the connection and the clock of the site', () => {
  using own = connect(inject('redisUrl'));
  const shards = new Shards(own.redis, 'fw', ['en', 'ar']);
  expect(shards.of('en')).toBe(shards.site);
  expect(shards.of('ar')).toBe(shards.site);
});

/** What clients have sent, without what scripts have called. */
async function commandsOf(url: string, act: () => Promise<unknown>): Promise<readonly string[]> {
  using own = connect(url);
  const monitor = await own.redis.monitor();
  const heard: string[] = [];
  monitor.on('monitor', (_time: string, [name = '', value = '']: string[], source: string) => {
    if (source !== 'lua') heard.push(name.toLowerCase() === 'echo' ? value : name.toLowerCase());
  });
  await act();
  await own.redis.echo('over');
  await until(() => heard.includes('over'), 5_000, 'the monitor has heard all');
  monitor.disconnect();
  await once(monitor, 'end');
  return heard.slice(0, heard.indexOf('over'));
}

test('an acceptance on one Redis costs a script, and with an Idempotency-Key a claim and a look at each other edition', async () => {
  await using server = await startRedis();
  await using log = await openEditionLog(server.url, { editions: ['en', 'ar', 'es'] });
  const accept = (more: object = {}) =>
    log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('A line'), ...more });
  await accept(); // Redis has the script
  expect(await commandsOf(server.url, accept)).toEqual(['evalsha']);
  const idempotency = { key: 'k1', fingerprint: 'f1' };
  expect(await commandsOf(server.url, () => accept({ idempotency }))).toEqual(['set', 'exists', 'exists', 'evalsha']);
});
