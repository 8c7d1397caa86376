import { Queue } from 'bullmq';
import { expect, inject, test } from 'vitest';
import type { Due } from '../../src/log/commands/worker-log.ts';
import { editionKeys, queuePrefix } from '../../src/log/redis/redis-keys.ts';
import { connectRedis } from '../../src/ops/redis/redis.ts';
import { BullPublisher } from '../../src/queue/bull-publisher.ts';
import { backOffMs, jobOptions, publishQueue, urgentQueue } from '../../src/queue/job.ts';
import { until } from '../resources/flashwire.ts';
import { watchLateness } from '../resources/lateness.ts';
import { addressOf, connect, ownPrefix, startRedis } from '../resources/redis-server.ts';

const dueNow: Due = { commandId: 'c_1', dueAt: 0, kind: 'publish' };

async function openPublisher(url: string, editions: readonly string[] = ['en', 'ar']) {
  const prefix = ownPrefix();
  const connection = connectRedis(addressOf(url), 'command', 'queue', () => undefined);
  await new Promise((resolve) => connection.once('ready', resolve));
  const publisher = new BullPublisher({
    connection,
    prefix,
    editions,
    now: () => Date.now(),
    onError: () => undefined,
  });
  const reading = connect(url);
  const queues: Queue[] = [];
  const queue = (name: string, tag: string) => {
    const opened = new Queue(name, { connection: reading.redis, prefix: queuePrefix(prefix, tag) });
    opened.on('error', () => undefined);
    queues.push(opened);
    return opened;
  };
  reading.redis.on('error', () => undefined);
  return {
    prefix,
    publisher,
    queue,
    [Symbol.asyncDispose]: async () => {
      connection.disconnect();
      reading[Symbol.dispose]();
      await Promise.allSettled(queues.map((opened) => opened.close()));
    },
  };
}

const dataOf = async (queue: Queue) =>
  (await queue.getWaiting()).map((job) => job.data).sort((a, b) => a.commandId.localeCompare(b.commandId));

test('each edition has a queue for publications and one for withholdings and retractions, and no job has a text', async () => {
  await using it = await openPublisher(inject('redisUrl'));
  await it.publisher.enqueue('en', dueNow);
  await it.publisher.enqueue('ar', { ...dueNow, commandId: 'c_2', kind: 'correct' });
  await it.publisher.enqueue('en', { ...dueNow, commandId: 'c_3', kind: 'withhold' });
  await it.publisher.enqueue('ar', { ...dueNow, commandId: 'c_4', kind: 'retract' });
  expect(await dataOf(it.queue(publishQueue, 'en'))).toEqual([{ v: 1, edition: 'en', commandId: 'c_1' }]);
  expect(await dataOf(it.queue(publishQueue, 'ar'))).toEqual([{ v: 1, edition: 'ar', commandId: 'c_2' }]);
  expect(await dataOf(it.queue(urgentQueue, 'en'))).toEqual([{ v: 1, edition: 'en', commandId: 'c_3' }]);
  expect(await dataOf(it.queue(urgentQueue, 'ar'))).toEqual([{ v: 1, edition: 'ar', commandId: 'c_4' }]);
});

test.each(['urgent', 'publish', 'queue', 'failed'])('an edition may be called %s', async (edition) => {
  await using it = await openPublisher(inject('redisUrl'), [edition, 'en']);
  const asked = ['publish', 'correct', 'withhold', 'retract'] as const;
  for (const of of [edition, 'en'])
    for (const kind of asked) await it.publisher.enqueue(of, { commandId: `c_${of}_${kind}`, dueAt: 0, kind });
  const idsOf = async (name: string, of: string) => (await dataOf(it.queue(name, of))).map((data) => data.commandId);
  for (const of of [edition, 'en']) {
    expect(await idsOf(publishQueue, of)).toEqual([`c_${of}_correct`, `c_${of}_publish`]);
    expect(await idsOf(urgentQueue, of)).toEqual([`c_${of}_retract`, `c_${of}_withhold`]);
  }
  const sights = await it.publisher.watch.look();
  expect(sights.find(({ tag }) => tag === edition)).toMatchObject({ waiting: 2, first: `c_${edition}_publish` });
  expect(sights.find(({ tag }) => tag === `${edition}:urgent`)).toMatchObject({ waiting: 2 });
});

test('the same command twice is one job, and a command that is due later is delayed', async () => {
  await using it = await openPublisher(inject('redisUrl'));
  const later = { ...dueNow, commandId: 'c_2', dueAt: Date.now() + 60_000 };
  for (const due of [dueNow, dueNow, later, later]) await it.publisher.enqueue('en', due);
  expect(await it.queue(publishQueue, 'en').getJobCounts('waiting', 'delayed')).toEqual({ waiting: 1, delayed: 1 });
});

test('`again` leaves a waiting job, moves a delayed one to the front, and adds a job after a completed one', async () => {
  await using it = await openPublisher(inject('redisUrl'));
  const queue = it.queue(publishQueue, 'en');
  const redis = connect(inject('redisUrl'));
  expect(await it.publisher.again('en', dueNow)).toBe('left'); // it is not due any more
  await redis.redis.zadd(editionKeys(it.prefix, 'en').due, 0, 'c_1');
  expect(await it.publisher.again('en', dueNow)).toBe('added');
  expect(await it.publisher.again('en', dueNow)).toBe('left');
  const delayed = { ...dueNow, commandId: 'c_2' };
  await it.publisher.enqueue('en', { ...delayed, dueAt: Date.now() + 60_000 });
  expect(await it.publisher.again('en', delayed)).toBe('promoted');
  const finished = { ...dueNow, commandId: 'c_3' };
  await it.publisher.enqueue('en', finished);
  await redis.redis.lrem(queue.toKey('wait'), 0, 'c_3');
  await redis.redis.zadd(queue.toKey('completed'), Date.now(), 'c_3');
  expect(await it.publisher.again('en', finished)).toBe('left'); // it is not due any more: it has ended with its job
  await redis.redis.zadd(editionKeys(it.prefix, 'en').due, 0, 'c_3');
  redis[Symbol.dispose]();
  expect(await it.publisher.again('en', finished)).toBe('added');
  expect(await it.publisher.again('en', finished)).toBe('left');
  expect((await queue.getWaiting()).map((job) => job.id).sort()).toEqual(['c_1', 'c_2', 'c_3_1']);
});

test('the publisher refuses an edition that the site does not have', async () => {
  await using it = await openPublisher(inject('redisUrl'));
  await expect(it.publisher.enqueue('xx', dueNow)).rejects.toThrow('edition xx');
});

test.each(['SIGSTOP', 'SIGKILL'] as const)('an add rejects while Redis is unreachable (%s)', async (signal) => {
  await using redis = await startRedis();
  await using it = await openPublisher(redis.url);
  await it.publisher.enqueue('en', dueNow);
  await it.publisher.enqueue('en', { ...dueNow, commandId: 'c_2', kind: 'retract' });
  process.kill(redis.pid, signal);
  const lateness = watchLateness();
  const startedAt = performance.now();
  const normal = it.publisher.enqueue('en', { ...dueNow, commandId: 'c_3' });
  const urgent = it.publisher.enqueue('en', { ...dueNow, commandId: 'c_4', kind: 'retract' });
  await Promise.all([expect(normal).rejects.toThrow(), expect(urgent).rejects.toThrow()]);
  expect(performance.now() - startedAt).toBeLessThan(4_000 + lateness());
});

test('a publisher that was opened while Redis was unreachable works once Redis is back', async () => {
  await using redis = await startRedis();
  const connection = connectRedis(addressOf(redis.url), 'command', 'queue', () => undefined);
  const publisher = new BullPublisher({
    connection,
    prefix: ownPrefix(),
    editions: ['en'],
    now: () => Date.now(),
    onError: () => undefined,
  });
  await expect(publisher.enqueue('en', dueNow)).rejects.toThrow('Redis is unreachable');
  await until(
    async () =>
      publisher.enqueue('en', dueNow).then(
        () => true,
        () => false,
      ),
    5_000,
    'the queue takes jobs',
  );
  connection.disconnect();
});

test('attempts are 0.1 to 5 s apart, with jitter', () => {
  expect([1, 2, 3, 20].map((made) => backOffMs(made, () => 0))).toEqual([100, 200, 400, 2_500]);
  expect([1, 2, 3, 20].map((made) => backOffMs(made, () => 1))).toEqual([200, 400, 800, 5_000]);
});

test('a command that is due now gets no delay from a clock that is a little behind, and a held one waits', () => {
  const now = 1_000_000;
  const delayOf = (waitMs: number) => jobOptions({ ...dueNow, dueAt: now + waitMs }, now, 'c_1').delay;
  expect([-5_000, 0, 1, 250].map(delayOf)).toEqual([0, 0, 0, 0]);
  expect([1_000, 30_000].map(delayOf)).toEqual([1_000, 30_000]);
});
