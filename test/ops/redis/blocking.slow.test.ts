import { expect, inject, test } from 'vitest';
import { connectRedis, whenReady } from '../../../src/ops/redis/redis.ts';
import { FaultProxy } from '../../../torture/site/fault-proxy.ts';
import { until } from '../../resources/flashwire.ts';
import { addressOf, ownPrefix } from '../../resources/redis-server.ts';

test('a blocking connection that hears nothing is opened again, and one that waits for a job is not', async () => {
  const url = inject('redisUrl');
  await using proxy = await FaultProxy.open(Number(new URL(url).port));
  const redis = connectRedis(addressOf(`redis://127.0.0.1:${proxy.port}`), 'blocking', 'pops', () => undefined);
  await whenReady(redis);
  let closed = 0;
  redis.on('close', () => closed++);
  // The longest that BullMQ waits.
  expect(await redis.bzpopmin(ownPrefix(), 10)).toBeNull();
  expect(closed).toBe(0);
  proxy.set({ silentUp: true, silentDown: true });
  const answer = redis.get(ownPrefix());
  await until(() => closed === 1, 20_000, 'it has left the connection');
  proxy.set({});
  proxy.reset();
  expect(await answer).toBeNull();
  redis.disconnect();
}, 60_000);
