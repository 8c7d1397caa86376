import { expect, inject, test } from 'vitest';
import { Fleet } from '../../../src/log/rollcall/fleet.ts';
import { FleetSpeaker } from '../../../src/log/rollcall/fleet-line.ts';
import type { Caller } from '../../../src/log/rollcall/roll.ts';
import { countPeers } from '../../../src/ops/readiness.ts';
import { connectRedis } from '../../../src/ops/redis/redis.ts';
import { until } from '../../resources/flashwire.ts';
import { addressOf, connect, ownPrefix } from '../../resources/redis-server.ts';
import { HandRoll } from './hand-roll.ts';

const countsOf = (callers: readonly Pick<Caller, 'isReady' | 'canary'>[], now: number) =>
  countPeers(callers.map(({ isReady, canary: last }) => ({ isReady, provenAgoMs: last && now - last.at })));

/** Apis and fan-outs on one Redis, with one clock in hand. */
function open() {
  const server = connect(inject('redisUrl'));
  const prefix = ownPrefix();
  const opened: { disconnect(): void }[] = [];
  const subscriber = () => {
    const connection = connectRedis(addressOf(inject('redisUrl')), 'subscriber', 'fleet', () => undefined);
    opened.push(connection);
    return connection;
  };
  const model = new HandRoll();
  const now = () => model.now;
  const hears = async (count: number) =>
    until(
      async () => (await server.redis.pubsub('NUMSUB', `${prefix}:fleet`))[1] === count,
      5_000,
      `${count} processes hear the line`,
    );
  return {
    model,
    redis: server.redis,
    channel: `${prefix}:fleet`,
    hears,
    api: (name: string) =>
      new FleetSpeaker({
        redis: server.redis,
        subscriber: subscriber(),
        prefix,
        api: name,
        counts: () => countsOf(model.roll.present(), model.now),
        now,
      }),
    fanout: (name: string) =>
      new Fleet({
        subscriber: subscriber(),
        prefix,
        rollCall: model,
        process: name,
        countsOf: (callers) => countsOf(callers, model.now),
        now,
        patienceMs: 100,
      }),
    [Symbol.dispose]: () => {
      for (const connection of opened) connection.disconnect();
      server[Symbol.dispose]();
    },
  };
}

const canary = (at: number) => ({ itemId: 'x', at, tookMs: 1 });

test('one api speaks for all, and another one goes on when it is gone', async () => {
  using site = open();
  const [first, second] = [site.api('a'), site.api('b')];
  await site.hears(2);
  let lines = 0;
  const listener = site.fanout('listener');
  listener.start();
  await site.hears(3);
  site.model.now = 10_000;
  for (const name of ['p1', 'p2', 'p3'])
    site.model.call(name, { isReady: name !== 'p3', canary: name === 'p1' ? canary(9_000) : null });
  const speak = async (...apis: FleetSpeaker[]) => {
    for (const api of apis) await api.speak();
    lines = Number(await site.redis.publish(site.channel, 'not a line'));
  };
  await speak(second);
  await until(() => first.isOther, 5_000, 'the first hears the second');
  await speak(first);
  expect([first.isOther, second.isOther, lines]).toEqual([true, false, 3]);
  expect(listener.others()).toEqual({ processes: 3, ready: 2, proven: 1 });
  listener.called({ isReady: true, canary: canary(9_000) });
  expect(listener.others()).toEqual({ processes: 2, ready: 1, proven: 0 });
  site.model.now += 2_600;
  await speak(first);
  await until(() => second.isOther, 5_000, 'the second hears the first');
  site.model.now += 4_600;
  expect(listener.others()).toEqual({ processes: 0, ready: 0, proven: 0 });
  listener.stop();
});

test('of two apis that speak at once the one with the smaller id goes on', async () => {
  using site = open();
  const [first, second] = [site.api('a'), site.api('b')];
  await site.hears(2);
  site.model.now = 10_000;
  await Promise.all([first.speak(), second.speak()]);
  await until(() => second.isOther, 5_000, 'the second hears the first');
  await site.redis.publish(site.channel, JSON.stringify({ api: 'c', processes: 0, ready: 0, proven: 0 }));
  await first.speak();
  expect(first.isOther).toBe(false);
});

test('a fan-out hears the others on the roll call only while no api speaks, and not in a large fleet', async () => {
  using site = open();
  const fleet = site.fanout('p1');
  fleet.start();
  await site.hears(1);
  const call = (count: number) => {
    for (let n = 1; n <= count; n++) site.model.call(`p${n}`, { canary: canary(site.model.now) });
  };
  await until(
    () => {
      call(3);
      return fleet.others().processes === 2;
    },
    10_000,
    'it hears the roll call',
  );
  expect(fleet.others()).toEqual({ processes: 2, ready: 2, proven: 2 });
  await site.redis.publish(site.channel, JSON.stringify({ api: 'a', processes: 9, ready: 8, proven: 7 }));
  await until(() => fleet.others().processes === 9, 5_000, 'an api has spoken');
  const another = site.fanout('p1');
  another.start();
  await until(
    () => {
      call(3);
      return another.others().processes === 2;
    },
    10_000,
    'the other one hears the roll call',
  );
  call(70);
  expect(another.others().processes).toBe(69);
  expect(another.others()).toEqual({ processes: 0, ready: 0, proven: 0 });
});
