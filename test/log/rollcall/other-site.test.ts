import { expect, inject, test } from 'vitest';
import { listenForOtherSite } from '../../../src/log/rollcall/other-site.ts';
import { connectRedis } from '../../../src/ops/redis/redis.ts';
import { until } from '../../resources/flashwire.ts';
import { addressOf, connect, ownPrefix } from '../../resources/redis-server.ts';

function listen(prefix: string, publicUrl: string | undefined) {
  const subscriber = connectRedis(addressOf(inject('redisUrl')), 'subscriber', 'roll', () => undefined);
  const own = listenForOtherSite(subscriber, prefix, publicUrl);
  return {
    ...own,
    [Symbol.dispose]: () => {
      own.stop();
      subscriber.disconnect();
    },
  };
}

test('a process announces its site once it was alone for a moment, and only a different site stops it', async () => {
  using server = connect(inject('redisUrl'));
  const channel = `${ownPrefix()}:rollcall`;
  const prefix = channel.slice(0, -':rollcall'.length);
  using own = listen(prefix, 'https://news.example');
  using nameless = listen(prefix, undefined);
  let error: unknown = null;
  own.checked.catch((why: unknown) => {
    error = why;
  });
  expect(own.said()).toEqual({});
  expect(own.whyNot()).toMatch(/^this process is checking/);
  const isHeard = async () => Number(await server.redis.publish(channel, '{"process":"of a version before"}')) === 1;
  await until(isHeard, 5_000, 'it listens');
  for (const message of ['nonsense', '{"site":5}', '{"site":"no URL"}', '{"site":"HTTPS://news.example:443/"}'])
    await server.redis.publish(channel, message);
  await until(() => own.whyNot() === null, 5_000, 'it takes itself to be alone');
  expect(own.said()).toEqual({ site: 'https://news.example' });
  expect(error).toBe(null);
  await server.redis.publish(channel, '{"process":"x","site":"https://staging.example"}');
  await until(() => error !== null, 10_000, 'the other site is heard');
  expect(String(error)).toContain('a process of https://staging.example is running on the same keys');
  expect(own.said()).toEqual({});
  await nameless.checked;
  expect([nameless.whyNot(), nameless.said()]).toEqual([null, {}]);
});
