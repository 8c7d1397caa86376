import { expect, inject, test } from 'vitest';
import { watchFailover } from '../../../src/ops/redis/failover-watch.ts';
import { parseRedisAddress } from '../../../src/ops/redis/redis-address.ts';
import { until } from '../../resources/flashwire.ts';
import { connect, ownPrefix } from '../../resources/redis-server.ts';

test('a failover counts for every write that was under way, also if all of it is read in one turn of the loop', async () => {
  // Redis says here what a Sentinel says.
  const { host } = new URL(inject('redisUrl'));
  const name = ownPrefix();
  const address = parseRedisAddress({ REDIS_URL: `redis-sentinel://${host}/0#${name}` });
  if (address.kind !== 'sentinel') throw new Error('no Sentinels');
  using sentinel = connect(inject('redisUrl'));
  let switched = 0;
  using watch = watchFailover(address, () => {
    switched += 1;
  });
  await watch.listening;
  const before = performance.now();
  expect(watch.isFailingOver(before)).toBe(false);
  await sentinel.redis
    .pipeline()
    .publish('+selected-slave', `slave b:2 b 2 @ ${name} a 1`)
    .publish('+switch-master', `${name} a 1 b 2`)
    .exec();
  await until(() => switched === 1, 5_000, 'it is over');
  expect([before, performance.now()].map((sentAt) => watch.isFailingOver(sentAt))).toEqual([true, false]);
});
