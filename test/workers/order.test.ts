import { Queue } from 'bullmq';
import { expect, inject, test } from 'vitest';
import type { WorkerLog } from '../../src/log/commands/worker-log.ts';
import { queuePrefix } from '../../src/log/redis/redis-keys.ts';
import { publishQueue } from '../../src/queue/job.ts';
import { until } from '../resources/flashwire.ts';
import { type Newsroom, openNewsroom } from '../resources/newsroom.ts';
import { connect } from '../resources/redis-server.ts';

const url = () => inject('redisUrl');
const ordered = async ({ reader }: Newsroom) =>
  (await reader.load('en', { items: 1_000, entries: 1_000 })).entries.map(({ commandId }) => commandId);
const lineOf = (newsroom: Newsroom) => ({ action: 'publish', itemId: newsroom.newId() }) as const;

function openQueue({ prefix }: Newsroom) {
  const connection = connect(url());
  const queue = new Queue(publishQueue, { connection: connection.redis, prefix: queuePrefix(prefix, 'en') });
  return {
    queue,
    [Symbol.asyncDispose]: async () => {
      await queue.close();
      connection[Symbol.dispose]();
    },
  };
}

/** What becomes of the job of a line that was acknowledged before the next one was sent. */
const jobs: Record<string, (newsroom: Newsroom, queue: Queue, id: string) => Promise<unknown>> = {
  'was added behind the job of a later line': ({ publisher }, _queue, commandId) =>
    publisher.enqueue('en', { commandId, dueAt: 0, kind: 'publish' }),
  'waits for its next attempt': async (_newsroom, queue, id) =>
    queue.add('publish', { v: 1, edition: 'en', commandId: id }, { jobId: id, delay: 60_000 }),
  'has failed': async ({ redis }, queue, id) => {
    await queue.add('publish', { v: 1, edition: 'en', commandId: id }, { jobId: id });
    await redis.lrem(queue.toKey('wait'), 0, id);
    await redis.zadd(queue.toKey('failed'), Date.now(), id);
  },
  'cannot be read': async (_newsroom, queue, id) => queue.add('publish', { v: 'one' }, { jobId: id, delay: 60_000 }),
  'is lost': async () => undefined,
};

test.each(Object.entries(jobs))(
  'an item whose job %s is before the items sent after its acknowledgement',
  async (_, put) => {
    await using newsroom = await openNewsroom(url());
    await using jobsOf = openQueue(newsroom);
    const first = await newsroom.accept(lineOf(newsroom));
    const second = await newsroom.ask(lineOf(newsroom));
    await put(newsroom, jobsOf.queue, first);
    const third = await newsroom.ask(lineOf(newsroom));
    await Promise.all([newsroom.work(), newsroom.work()]);
    await newsroom.outcome(third, 5_000);
    await newsroom.outcome(first, 5_000);
    expect(await ordered(newsroom)).toEqual([first, second, third]);
  },
);

test('an item that was appended ahead of its failed job leaves no dead letter', async () => {
  await using newsroom = await openNewsroom(url());
  await using jobsOf = openQueue(newsroom);
  const first = await newsroom.accept(lineOf(newsroom));
  const second = await newsroom.ask(lineOf(newsroom));
  await jobs['has failed']?.(newsroom, jobsOf.queue, first);
  await newsroom.work();
  await newsroom.outcome(second, 5_000);
  await until(async () => (await jobsOf.queue.getJobState(first)) === 'completed', 5_000, 'its job is done');
  expect(await jobsOf.queue.getFailedCount()).toBe(0);
  expect(await ordered(newsroom)).toEqual([first, second]);
});

test('items are in order after the queue lost all its jobs, however many', async () => {
  await using newsroom = await openNewsroom(url());
  const commands: string[] = [];
  for (let n = 0; n < 250; n += 1) commands.push(await newsroom.accept(lineOf(newsroom)));
  commands.push(await newsroom.ask(lineOf(newsroom)));
  await newsroom.work();
  await newsroom.outcome(commands.at(-1) ?? '', 10_000);
  expect(await ordered(newsroom)).toEqual(commands);
});

/** Redis becomes unreachable during the first appends of a command. */
function failing(ids: ReadonlySet<string>, times: number) {
  let left = times;
  return (log: WorkerLog): WorkerLog => ({
    ...log,
    appendAll: async (edition, commands, passed) => {
      if (commands.some(({ id }) => ids.has(id)) && left-- > 0) throw new Error('Connection is closed.');
      return log.appendAll(edition, commands, passed);
    },
  });
}

test('an item that could not be appended yet stays before later ones, whichever worker tries', async () => {
  const ids = new Set<string>();
  await using newsroom = await openNewsroom(url(), { between: failing(ids, 3) });
  const first = await newsroom.accept(lineOf(newsroom));
  ids.add(first);
  await newsroom.publisher.enqueue('en', { commandId: first, dueAt: 0, kind: 'publish' });
  const second = await newsroom.ask(lineOf(newsroom));
  await newsroom.work();
  await newsroom.outcome(second, 10_000);
  expect(await ordered(newsroom)).toEqual([first, second]);
});

/** A line whose record the script cannot use: it compares numbers, and this is none. */
async function acceptBroken(newsroom: Newsroom): Promise<string> {
  const line = lineOf(newsroom);
  const commandId = await newsroom.accept(line);
  await newsroom.redis.hset(`${newsroom.prefix}:{en}:item:${line.itemId}`, 'version', 'many');
  return commandId;
}

test('an item that fails by its own fault delays no other', async () => {
  await using newsroom = await openNewsroom(url());
  const stuck = await acceptBroken(newsroom);
  const next = await newsroom.ask(lineOf(newsroom));
  await newsroom.work();
  expect(await newsroom.outcome(next, 5_000)).toMatchObject({ state: 'published', seq: 1 });
  expect(await newsroom.outcome(stuck, 10_000)).toMatchObject({ state: 'refused', problem: 'append-failed' });
});

test('a withholding and a retraction wait for no item that cannot be appended', async () => {
  await using newsroom = await openNewsroom(url());
  await newsroom.work();
  const itemId = newsroom.newId();
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId }), 5_000);
  await acceptBroken(newsroom);
  const hide = await newsroom.ask({ action: 'withhold', itemId });
  expect(await newsroom.outcome(hide, 5_000)).toMatchObject({ state: 'published', seq: 2 });
  const retraction = await newsroom.ask({ action: 'retract', itemId });
  expect(await newsroom.outcome(retraction, 5_000)).toMatchObject({ state: 'published', seq: 3 });
});

test.each([
  ['is scheduled', async ({ desk }: Newsroom) => ({ publishAtMs: desk.now() + 60_000 }), 'scheduled'],
  ['is held', async () => ({ holdMs: 60_000 }), 'held'],
  ['is a draft', async () => ({ draft: true }), 'draft'],
] as const)('a line that %s stands in front of none that is due', async (_why, timesOf, state) => {
  await using newsroom = await openNewsroom(url());
  const early = await newsroom.ask({ ...lineOf(newsroom), ...(await timesOf(newsroom)) });
  const next = await newsroom.ask(lineOf(newsroom));
  await newsroom.work();
  expect(await newsroom.outcome(next, 5_000)).toMatchObject({ state: 'published', seq: 1 });
  expect(await newsroom.desk.status('en', early)).toMatchObject({ state });
});

test.each([
  ['whose record cannot be read', 'command', 'body', '{'],
  ['that no attempt can append', 'item', 'version', 'many'],
] as const)('a line %s stands in front of none', async (_why, key, field, value) => {
  await using newsroom = await openNewsroom(url());
  const line = lineOf(newsroom);
  const bad = await newsroom.accept(line);
  await newsroom.redis.hset(`${newsroom.prefix}:{en}:${key}:${key === 'item' ? line.itemId : bad}`, field, value);
  const next = await newsroom.ask(lineOf(newsroom));
  await newsroom.work();
  expect(await newsroom.outcome(next, 5_000)).toMatchObject({ state: 'published', seq: 1 });
  expect(await newsroom.outcome(bad, 10_000)).toMatchObject({ state: 'refused' });
});

test('items that STOP held are published in the order of acknowledgement, even if their jobs were lost', async () => {
  await using newsroom = await openNewsroom(url());
  await newsroom.work();
  await newsroom.publisher.hold(true);
  const asked = () => newsroom.ask(lineOf(newsroom));
  const lost = () => newsroom.accept(lineOf(newsroom));
  const commands = [await lost(), await asked(), await lost(), await asked()];
  await newsroom.publisher.hold(false);
  for (const command of commands) await newsroom.outcome(command, 5_000);
  expect(await ordered(newsroom)).toEqual(commands);
});

test('an item that a worker read before STOP is not appended after it, and a retraction beside it is', async () => {
  const hold = { isWaiting: () => {}, letGo: () => {} };
  const isRead = new Promise<void>((resolve) => {
    hold.isWaiting = resolve;
  });
  const isStopped = new Promise<void>((resolve) => {
    hold.letGo = resolve;
  });
  const ids = new Set<string>();
  await using newsroom = await openNewsroom(url(), {
    between: (log) => ({
      ...log,
      appendAll: async (edition, commands, passed) => {
        if (commands.some(({ id }) => ids.has(id))) {
          hold.isWaiting();
          await isStopped;
        }
        return log.appendAll(edition, commands, passed);
      },
    }),
  });
  await newsroom.work();
  const itemId = newsroom.newId();
  await newsroom.outcome(await newsroom.ask({ action: 'publish', itemId }), 5_000);
  const line = await newsroom.accept(lineOf(newsroom));
  ids.add(line);
  const retraction = await newsroom.accept({ action: 'retract', itemId });
  await newsroom.publisher.enqueue('en', { commandId: line, dueAt: 0, kind: 'publish' });
  await isRead;
  await newsroom.publisher.hold(true);
  hold.letGo();
  expect(await newsroom.outcome(retraction, 5_000)).toMatchObject({ state: 'published', seq: 2 });
  expect(await newsroom.desk.status('en', line)).toMatchObject({ state: 'queued' });
  await newsroom.publisher.hold(false);
  expect(await newsroom.outcome(line, 5_000)).toMatchObject({ state: 'published', seq: 3 });
});

test('items that two workers append at once, in batches, are in the order of acknowledgement, each once', async () => {
  await using newsroom = await openNewsroom(url());
  const commands: string[] = [];
  for (let n = 0; n < 120; n += 1) commands.push(await newsroom.accept(lineOf(newsroom)));
  await Promise.all([newsroom.work(), newsroom.work()]);
  for (let n = 0; n < 40; n += 1) commands.push(await newsroom.ask(lineOf(newsroom)));
  await newsroom.outcome(commands.at(-1) ?? '', 10_000);
  expect(await ordered(newsroom)).toEqual(commands);
});
