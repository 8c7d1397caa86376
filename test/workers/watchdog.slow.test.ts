import type { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';
import { connectRedis } from '../../src/ops/redis/redis.ts';
import { FaultProxy } from '../../torture/site/fault-proxy.ts';
import { patienceMs, type Sight, Watchdog } from '../../workers/watchdog.ts';
import { until } from '../resources/flashwire.ts';
import { openNewsroom } from '../resources/newsroom.ts';
import { addressOf } from '../resources/redis-server.ts';

const waiting: Sight = { first: 'job-1', isHeld: false, heardAt: 0 };

test('a worker that leaves the same job next is reopened once, then given up', () => {
  const watchdog = new Watchdog(0);
  expect(watchdog.look(1_000, waiting)).toBe('well');
  expect(watchdog.look(999 + patienceMs, waiting)).toBe('well');
  expect(watchdog.look(1_000 + patienceMs, waiting)).toBe('open-again');
  expect(watchdog.look(999 + 2 * patienceMs, waiting)).toBe('well');
  expect(watchdog.look(1_000 + 2 * patienceMs, waiting)).toBe('give-up');
});

test('a job that is taken restarts the count, and so does a new next job', () => {
  const watchdog = new Watchdog(0);
  watchdog.look(0, waiting);
  expect(watchdog.look(patienceMs, waiting)).toBe('open-again');
  expect(watchdog.look(patienceMs + 1, { ...waiting, first: null })).toBe('well');
  expect(watchdog.look(patienceMs + 2, waiting)).toBe('well');
  expect(watchdog.look(2 * patienceMs, { ...waiting, first: 'job-2' })).toBe('well');
  expect(watchdog.look(3 * patienceMs, { ...waiting, first: 'job-2' })).toBe('open-again');
});

test.each([
  ['STOP holds the queue', { ...waiting, isHeld: true }],
  ['nothing waits', { ...waiting, first: null }],
])('no worker counts as deaf where %s, however long', (_why, sight) => {
  const watchdog = new Watchdog(0);
  for (let now = 0; now < 10 * patienceMs; now += 1_000) expect(watchdog.look(now, sight)).toBe('well');
});

test('a worker with errors is not reopened, nor is one while Redis does not answer', () => {
  const watchdog = new Watchdog(0);
  for (let now = 0; now < 5 * patienceMs; now += 1_000)
    expect(watchdog.look(now, { ...waiting, heardAt: now - 500 })).toBe('well');
  watchdog.blind(5 * patienceMs);
  expect(watchdog.look(6 * patienceMs, waiting)).toBe('well');
  expect(watchdog.stillForMs(6 * patienceMs + 7_000)).toBe(7_000);
});

test('a worker with a silent connection is found, reported and reopened', async () => {
  const url = inject('redisUrl');
  await using proxy = await FaultProxy.open(Number(new URL(url).port));
  const opened: Redis[] = [];
  const stuck: string[] = [];
  await using newsroom = await openNewsroom(url, {
    // The worker of `en` reaches Redis through the network that will fail; its second connection goes round it.
    connect: (name) => {
      const isFirst = name === 'worker-en' && opened.length < 1;
      const redis = connectRedis(
        addressOf(isFirst ? `redis://127.0.0.1:${proxy.port}` : url),
        'blocking',
        name,
        () => undefined,
      );
      if (name === 'worker-en') opened.push(redis);
      return redis;
    },
    onStuck: (tag) => stuck.push(tag),
  });
  const workers = await newsroom.work();
  const before = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  expect(await newsroom.outcome(before, 5_000)).toMatchObject({ state: 'published' });
  proxy.set({ silentUp: true, silentDown: true });
  const commandId = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  // Its wake-up came by another connection.
  expect(await newsroom.outcome(commandId, 10_000)).toMatchObject({ state: 'published', seq: 2 });
  await until(() => workers.whyNot() !== null, 10_000, 'it says that it is not ready');
  expect(workers.whyNot()).toMatch(/^no worker has taken the next job of queue en for \d+ s$/);
  await until(() => workers.whyNot() === null, 15_000, 'it is ready again');
  expect(opened).toHaveLength(2);
  expect(workers.counters.reopened).toBe(1);
  expect(stuck).toEqual([]);
});

test('a worker that stays silent after it was reopened is given up', async () => {
  const url = inject('redisUrl');
  await using proxy = await FaultProxy.open(Number(new URL(url).port));
  const stuck: string[] = [];
  await using newsroom = await openNewsroom(url, {
    connect: (name) =>
      connectRedis(
        addressOf(name === 'worker-en' ? `redis://127.0.0.1:${proxy.port}` : url),
        'blocking',
        name,
        () => undefined,
      ),
    onStuck: (tag) => stuck.push(tag),
  });
  await newsroom.work();
  const before = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  expect(await newsroom.outcome(before, 5_000)).toMatchObject({ state: 'published' });
  proxy.set({ silentUp: true, silentDown: true });
  await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  await until(() => stuck.length > 0, 30_000, 'the worker is given up');
  expect(stuck[0]).toBe('en');
});
