import { Queue } from 'bullmq';
import { expect, inject, test } from 'vitest';
import { queuePrefix } from '../../src/log/redis/redis-keys.ts';
import { readSchema, schemaVersion } from '../../src/log/redis/schema-version.ts';
import { publishQueue, sharedUrgentTag, urgentQueue } from '../../src/queue/job.ts';
import { bodyOf } from '../log/edition-log.ts';
import { until } from '../resources/flashwire.ts';
import { type Newsroom, openNewsroom } from '../resources/newsroom.ts';
import { connect, startRedis } from '../resources/redis-server.ts';

const url = () => inject('redisUrl');
const limits = { items: 100, entries: 100 };
const entriesOf = async (newsroom: Newsroom) => (await newsroom.reader.load('en', limits)).entries;

function openQueue(prefix: string, name = publishQueue, edition = 'en') {
  const connection = connect(url());
  const queue = new Queue(name, { connection: connection.redis, prefix: queuePrefix(prefix, edition) });
  return {
    queue,
    [Symbol.asyncDispose]: async () => {
      await queue.close();
      connection[Symbol.dispose]();
    },
  };
}

test('accepted items are in the log in the order of acknowledgement', async () => {
  await using newsroom = await openNewsroom(url());
  await newsroom.work();
  const commands: string[] = [];
  for (let n = 0; n < 10; n += 1) {
    commands.push(await newsroom.ask({ action: 'publish', itemId: newsroom.newId(), body: bodyOf(`Line ${n}`) }));
  }
  await newsroom.outcome(commands.at(-1) ?? '', 5_000);
  expect((await entriesOf(newsroom)).map((entry) => entry.commandId)).toEqual(commands);
});

test('what was accepted before a worker listens is appended when it does, without a job', async () => {
  await using newsroom = await openNewsroom(url());
  await using own = openQueue(newsroom.prefix);
  const commandId = await newsroom.accept({ action: 'publish', itemId: newsroom.newId(), body: bodyOf('Early') });
  await newsroom.work();
  expect(await newsroom.outcome(commandId, 5_000)).toMatchObject({ state: 'published' });
  expect(await own.queue.getJobs()).toEqual([]);
});

test('two workers of an edition keep the order of acknowledgement', async () => {
  await using newsroom = await openNewsroom(url());
  await Promise.all([newsroom.work(), newsroom.work()]);
  const commands: string[] = [];
  for (let n = 0; n < 20; n += 1) commands.push(await newsroom.ask({ action: 'publish', itemId: newsroom.newId() }));
  await newsroom.outcome(commands.at(-1) ?? '', 5_000);
  expect((await entriesOf(newsroom)).map((entry) => entry.commandId)).toEqual(commands);
});

/** As a Redis that has come back without its data, for one site. */
async function loseAll({ redis, prefix }: Newsroom): Promise<void> {
  await redis.unlink(...(await redis.keys(`${prefix}:*`)));
}

test('workers lift the limit of one job at a time that an earlier version left in a queue', async () => {
  await using newsroom = await openNewsroom(url());
  await using own = openQueue(newsroom.prefix);
  await own.queue.setGlobalConcurrency(1);
  await newsroom.work();
  await until(async () => (await own.queue.getGlobalConcurrency()) === null, 15_000, 'the limit is lifted');
});

test('workers restore the schema version without any post', async () => {
  await using newsroom = await openNewsroom(url());
  await Promise.all([newsroom.work(), newsroom.work()]);
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId: newsroom.newId() }), 5_000);
  await loseAll(newsroom);
  // Without it, a fan-out that starts waits for a worker or an api to start too.
  const { redis, prefix } = newsroom;
  const schema = () => readSchema({ redis, prefix, editions: ['en', 'ar'] });
  await until(async () => (await schema()) === schemaVersion, 10_000, 'the data says which form it has');
});

test('a worker gives Redis the script with which fan-outs read, and gives it again after Redis has lost it', async () => {
  await using server = await startRedis();
  await using newsroom = await openNewsroom(server.url);
  await newsroom.work();
  const calls = async () =>
    /cmdstat_evalsha_ro:calls=(\d+).*failed_calls=0/.exec(await newsroom.redis.info('commandstats'));
  const readsByScript = async () => {
    await newsroom.redis.config('RESETSTAT');
    await newsroom.reader.item('en', newsroom.newId());
    return (await calls()) !== null;
  };
  await until(readsByScript, 5_000, 'fan-outs read by the script');
  await newsroom.redis.script('FLUSH');
  await until(readsByScript, 15_000, 'fan-outs read by the script again');
});

test('an edition with the id `urgent` does not take the queue of another one', async () => {
  await using newsroom = await openNewsroom(url(), { editions: ['urgent', 'en'] });
  const workers = await newsroom.work();
  for (const edition of ['urgent', 'en']) {
    const itemId = newsroom.newId();
    for (const action of ['publish', 'withhold', 'release', 'retract'] as const) {
      const commandId = await newsroom.ask({ action, itemId, edition });
      expect(await newsroom.outcome(commandId, 5_000, edition)).toMatchObject({ state: 'published' });
    }
  }
  expect(workers.counters.readded).toBe(0);
});

test('a retraction by an api of an earlier version is appended without waiting for the reconciler', async () => {
  await using newsroom = await openNewsroom(url());
  await using shared = openQueue(newsroom.prefix, urgentQueue, urgentQueue);
  await newsroom.work();
  const itemId = newsroom.newId();
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId }), 5_000);
  const commandId = await newsroom.accept({ action: 'retract', itemId });
  await shared.queue.add('retract', { v: 1, edition: 'en', commandId }, { jobId: commandId });
  expect(await newsroom.outcome(commandId, 5_000)).toMatchObject({ state: 'published', seq: 2 });
  await until(async () => (await shared.queue.getCompletedCount()) === 1, 5_000, 'its job is done');
  expect(newsroom.publisher.watch.tags).toContain(sharedUrgentTag);
});

test("a held item is out at its due time by Redis' clock, and not before", async () => {
  await using newsroom = await openNewsroom(url());
  await newsroom.work();
  const [seconds, micros] = await newsroom.redis.time();
  const asked = Number(seconds) * 1_000 + Number(micros) / 1_000;
  const held = await newsroom.ask({ action: 'publish', itemId: newsroom.newId(), holdMs: 700 });
  await until(async () => (await entriesOf(newsroom)).length > 0, 5_000, 'the held item is out');
  const [entry] = await entriesOf(newsroom);
  expect(entry?.commandId).toBe(held);
  expect(entry?.at).toBeGreaterThanOrEqual(asked + 690);
});

test('a job that runs too early goes back, and its item is out in time', async () => {
  await using newsroom = await openNewsroom(url());
  await newsroom.work();
  const dueAt = newsroom.desk.now() + 600;
  const commandId = await newsroom.accept({ action: 'publish', itemId: newsroom.newId(), publishAtMs: dueAt });
  await newsroom.publisher.enqueue('en', { commandId, dueAt: 0, kind: 'publish' });
  await until(async () => (await entriesOf(newsroom)).length > 0, 5_000, 'the scheduled item is out');
  expect((await entriesOf(newsroom))[0]?.at).toBeGreaterThanOrEqual(dueAt);
});

test('an entry removes an item at its expiry', async () => {
  await using newsroom = await openNewsroom(url());
  await newsroom.work();
  const expiresAtMs = newsroom.desk.now() + 1_500;
  await newsroom.ask({ action: 'publish', itemId: newsroom.newId(), expiresAtMs });
  await until(async () => (await entriesOf(newsroom)).length === 2, 10_000, 'the item has expired');
  const last = (await entriesOf(newsroom)).at(-1);
  expect(last).toMatchObject({ reason: 'expired', version: 1, now: null });
  expect(last?.at).toBeGreaterThanOrEqual(expiresAtMs);
});

test('an entry removes the notice of a retraction', async () => {
  await using newsroom = await openNewsroom(url(), { noticeMs: 2_000 });
  await newsroom.work();
  const itemId = newsroom.newId();
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId }), 5_000);
  await newsroom.outcome(await newsroom.ask({ action: 'retract', itemId, notice: 'A line was withdrawn.' }), 5_000);
  expect((await newsroom.reader.load('en', limits)).items).toMatchObject([
    { item: { id: itemId, status: 'retracted' } },
  ]);
  await until(async () => (await newsroom.reader.load('en', limits)).items.length === 0, 10_000, 'the notice is gone');
  expect((await entriesOf(newsroom)).map((entry) => entry.reason)).toEqual([null, 'retracted', 'expired']);
});

test('a queued publish that is retracted before a worker takes it never appears', async () => {
  await using newsroom = await openNewsroom(url());
  const itemId = newsroom.newId();
  await newsroom.ask({ action: 'publish', itemId, body: bodyOf('Never true') });
  await newsroom.ask({ action: 'retract', itemId, reason: 'wrong' });
  const after = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  await newsroom.work();
  await newsroom.outcome(after, 5_000);
  expect((await entriesOf(newsroom)).map((entry) => entry.commandId)).toEqual([after]);
});

test('a job that cannot be read fails permanently and blocks no other', async () => {
  await using newsroom = await openNewsroom(url());
  await using poison = openQueue(newsroom.prefix);
  await poison.queue.add('publish', { nonsense: true }, { jobId: 'poison', attempts: 20 });
  const next = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  await newsroom.work();
  expect(await newsroom.outcome(next, 5_000)).toMatchObject({ state: 'published', seq: 1 });
  expect(await poison.queue.getJobState('poison')).toBe('failed');
});

test('a command of a newer version stays due and its job waits for a newer worker, and no other command waits', async () => {
  await using newsroom = await openNewsroom(url());
  await using jobs = openQueue(newsroom.prefix);
  const newer = await newsroom.accept({ action: 'publish', itemId: newsroom.newId() });
  await newsroom.redis.hset(`${newsroom.prefix}:{en}:command:${newer}`, 'v', '2');
  const data = { v: 2, edition: 'en', commandId: newer, colour: 'red' };
  await jobs.queue.add('publish', data, { jobId: newer, attempts: 1 });
  const next = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  const workers = await newsroom.work();
  expect(await newsroom.outcome(next, 5_000)).toMatchObject({ state: 'published', seq: 1 });
  // Several looks of the worker and several rounds of the reconciler later.
  const looks = async () => (await jobs.queue.getJob(newer))?.attemptsStarted ?? 0;
  await until(async () => (await looks()) >= 4, 15_000, 'the worker has looked again and again');
  const after = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  expect(await newsroom.outcome(after, 10_000)).toMatchObject({ state: 'published', seq: 2 });
  await workers.close();
  const job = await jobs.queue.getJob(newer);
  expect({ data: job?.data, made: job?.attemptsMade, failed: job?.failedReason }).toEqual({ data, made: 0 });
  expect(['delayed', 'waiting']).toContain(await job?.getState());
  expect(await jobs.queue.getJob(`${newer}_1`)).toBe(undefined);
  expect(await newsroom.desk.status('en', newer)).toMatchObject({ state: 'queued' });
  expect(await newsroom.redis.zscore(`${newsroom.prefix}:{en}:due`, newer)).not.toBe(null);
  expect(newsroom.lines.filter((line) => line.includes('left for a newer worker'))).toHaveLength(1);
});

test('the record of a command says whether this version can read it, and its job does not', async () => {
  await using newsroom = await openNewsroom(url());
  await using jobs = openQueue(newsroom.prefix);
  const readable = await newsroom.accept({ action: 'publish', itemId: newsroom.newId() });
  await jobs.queue.add('publish', { v: 2, edition: 'en', commandId: readable }, { jobId: readable });
  const newer = await newsroom.accept({ action: 'publish', itemId: newsroom.newId() });
  await newsroom.redis.hset(`${newsroom.prefix}:{en}:command:${newer}`, 'v', '2');
  await newsroom.work();
  expect(await newsroom.outcome(readable, 10_000)).toMatchObject({ state: 'published' });
  expect(await newsroom.desk.status('en', newer)).toMatchObject({ state: 'queued' });
});

test('the reconciler does not touch a failed job of a newer version', async () => {
  await using newsroom = await openNewsroom(url());
  await using jobs = openQueue(newsroom.prefix);
  const newer = await newsroom.accept({ action: 'publish', itemId: newsroom.newId() });
  await jobs.queue.add('publish', { v: 2, edition: 'en', commandId: newer }, { jobId: newer });
  await failAll(newsroom, jobs.queue, [newer]);
  expect(await newsroom.publisher.again('en', { commandId: newer, dueAt: 0, kind: 'publish' })).toBe('left');
  expect(await jobs.queue.getJobState(newer)).toBe('failed');
});

test('a command that cannot be read is refused, the desk shows it, and the next one is appended', async () => {
  await using newsroom = await openNewsroom(url());
  const bad = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  await newsroom.redis.hset(`${newsroom.prefix}:{en}:command:${bad}`, 'body', '{');
  const next = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  await newsroom.work();
  expect(await newsroom.outcome(next, 5_000)).toMatchObject({ state: 'published', seq: 1 });
  expect(await newsroom.outcome(bad, 5_000)).toMatchObject({ state: 'refused', problem: 'unreadable-command' });
  expect(newsroom.lines.join('')).not.toContain('A line');
});

test('a command that never reached the queue is out within seconds', async () => {
  await using newsroom = await openNewsroom(url());
  await newsroom.work();
  const lost = await newsroom.accept({ action: 'publish', itemId: newsroom.newId() });
  expect(await newsroom.outcome(lost, 5_000)).toMatchObject({ state: 'published', seq: 1 });
});

test('a command that never reached the queue gets its job within seconds however many STOP holds, and a retraction is out', async () => {
  await using newsroom = await openNewsroom(url());
  const itemId = newsroom.newId();
  const workers = await newsroom.work();
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId }), 5_000);
  await newsroom.publisher.hold(true);
  const askMany = async () => {
    for (let n = 0; n < 125; n += 1) await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  };
  const oldest = newsroom.desk.now();
  await askMany();
  const publish = await newsroom.accept({ action: 'publish', itemId: newsroom.newId() });
  await askMany();
  const retraction = await newsroom.accept({ action: 'retract', itemId, reason: 'wrong' });
  expect(await newsroom.outcome(retraction, 5_000)).toMatchObject({ state: 'published', seq: 2 });
  await until(() => workers.counters.readded >= 1, 10_000, 'the publish has a job');
  expect(await newsroom.publisher.again('en', { commandId: publish, dueAt: 0, kind: 'publish' })).toBe('left');
  const overdueSeconds = () => workers.counters.overdueSeconds['en'] ?? 0;
  await until(
    () => overdueSeconds() >= 1,
    5_000,
    'the metric reports the oldest, whichever edition the reconciler checks',
  );
  expect(overdueSeconds()).toBeLessThanOrEqual((newsroom.desk.now() - oldest) / 1_000 + 1);
});

test('a command whose job failed is retried, and one whose job cannot be read gets another', async () => {
  await using newsroom = await openNewsroom(url());
  await using jobs = openQueue(newsroom.prefix);
  const failed = await newsroom.accept({ action: 'publish', itemId: newsroom.newId() });
  const garbled = await newsroom.accept({ action: 'publish', itemId: newsroom.newId() });
  await jobs.queue.add('publish', { v: 1, edition: 'en', commandId: failed }, { jobId: failed });
  await jobs.queue.add('publish', { v: 2 }, { jobId: garbled });
  await failAll(newsroom, jobs.queue, [failed, garbled]);
  await newsroom.work();
  expect(await newsroom.outcome(failed, 6_000)).toMatchObject({ state: 'published' });
  expect(await newsroom.outcome(garbled, 6_000)).toMatchObject({ state: 'published' });
});

/** Puts waiting jobs among the failed ones, as a worker that gave up leaves them. */
async function failAll({ redis }: Newsroom, queue: Queue, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await redis.lrem(queue.toKey('wait'), 0, id);
    await redis.zadd(queue.toKey('failed'), Date.now(), id);
  }
}

test('a command that never reached the queue is appended before later ones', async () => {
  await using newsroom = await openNewsroom(url());
  await newsroom.work();
  const asked = () => newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  const lost = () => newsroom.accept({ action: 'publish', itemId: newsroom.newId() });
  const commands = [await asked(), await lost(), await lost(), await asked(), await lost(), await asked()];
  for (const command of commands) await newsroom.outcome(command, 5_000);
  expect((await entriesOf(newsroom)).map((entry) => entry.commandId)).toEqual(commands);
});
