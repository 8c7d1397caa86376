import { expect, inject, test } from 'vitest';
import { createQueueWatch } from '../../src/queue/queue-watch.ts';
import { until } from '../resources/flashwire.ts';
import { type Newsroom, openNewsroom, writeRawJob } from '../resources/newsroom.ts';

const url = () => inject('redisUrl');
/** How much a poisonous job may delay the item behind it. */
const boundMs = 5_000;

const deadLetters = ({ redis, prefix }: Newsroom) => redis.zrange(`${prefix}:{en}:queue:publish:failed`, '0', '-1');
const errorsOf = ({ lines }: Newsroom) =>
  lines.map((line) => JSON.parse(line) as { level: number; msg: string }).filter(({ level }) => level >= 50);

const poison: Record<string, Record<string, string> | null> = {
  'data that is no JSON': { data: '{oops' },
  'options that are no JSON': { data: '{}', opts: '[' },
  'a parent that is no JSON': { data: '{}', parent: '{' },
  'data of another shape': { data: '["nonsense"]' },
  'a megabyte of data': { data: JSON.stringify({ v: 1, edition: 'en', commandId: 'x'.repeat(1_000_000) }) },
  'an edition that there is not': { data: '{"v":1,"edition":"xx","commandId":"c_none"}' },
  'no fields at all': null,
};

test.each(Object.entries(poison))('a job with %s delays no other by more than the bound', async (_name, fields) => {
  await using newsroom = await openNewsroom(url());
  await writeRawJob(newsroom, 'poison', fields);
  const next = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  await newsroom.work();
  expect(await newsroom.outcome(next, boundMs)).toMatchObject({ state: 'published', seq: 1 });
  const after = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  expect(await newsroom.outcome(after, boundMs)).toMatchObject({ state: 'published', seq: 2 });
});

test.each(['data that is no JSON', 'data of another shape', 'no fields at all'])(
  'a job with %s becomes a dead letter that is counted and logged',
  async (name) => {
    await using newsroom = await openNewsroom(url());
    const workers = await newsroom.work();
    await writeRawJob(newsroom, 'poison', poison[name] ?? null);
    await until(async () => (await deadLetters(newsroom)).includes('poison'), 10_000, 'the job is a dead letter');
    await until(
      () => workers.queues().some(({ tag, deadLetters: dead }) => tag === 'en' && dead === 1),
      5_000,
      'the dead letter is counted',
    );
    await until(() => errorsOf(newsroom).some(({ msg }) => msg.startsWith('dead letter')), 5_000, 'it is logged');
  },
);

test('a command that no attempt can append is refused after five attempts, the desk shows it, and others continue', async () => {
  await using newsroom = await openNewsroom(url());
  const itemId = newsroom.newId();
  const bad = await newsroom.ask({ action: 'publish', itemId });
  // The script compares numbers, and this is none.
  await newsroom.redis.hset(`${newsroom.prefix}:{en}:item:${itemId}`, 'version', 'many');
  const workers = await newsroom.work();
  const next = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  expect(await newsroom.outcome(next, 10_000)).toMatchObject({ state: 'published', seq: 1 });
  expect(await newsroom.outcome(bad, 10_000)).toMatchObject({ state: 'refused', problem: 'append-failed' });
  await until(async () => (await deadLetters(newsroom)).includes(bad), 5_000, 'its job is a dead letter');
  await until(() => workers.counters.failedAttempts === 5, 5_000, 'the fifth attempt is counted');
  expect(workers.counters).toMatchObject({ appended: 1, refused: { overtaken: 0, broken: 1 }, failedAttempts: 5 });
  expect(errorsOf(newsroom).map(({ msg }) => msg)).toContain('command refused: it cannot be appended');
  expect(newsroom.lines.join('')).not.toContain('A line');
});

test('a reconciler that saw a command due the moment before leaves its dead letter', async () => {
  await using newsroom = await openNewsroom(url());
  const itemId = newsroom.newId();
  const due = { commandId: await newsroom.accept({ action: 'publish', itemId }), dueAt: 0, kind: 'publish' } as const;
  await newsroom.redis.hset(`${newsroom.prefix}:{en}:item:${itemId}`, 'version', 'many');
  await newsroom.publisher.enqueue('en', due);
  await newsroom.work();
  await until(async () => (await deadLetters(newsroom)).includes(due.commandId), 10_000, 'its job is a dead letter');
  expect(await newsroom.publisher.again('en', due)).toBe('left');
  expect(await deadLetters(newsroom)).toEqual([due.commandId]);
});

test('a command whose item record is damaged is refused at once, before any write', async () => {
  await using newsroom = await openNewsroom(url());
  const itemId = newsroom.newId();
  const bad = await newsroom.ask({ action: 'publish', itemId });
  await newsroom.redis.set(`${newsroom.prefix}:{en}:text:${itemId}`, 'not a hash');
  await newsroom.work();
  expect(await newsroom.outcome(bad, 5_000)).toMatchObject({ state: 'refused', problem: 'damaged-record' });
  expect(await newsroom.redis.exists(`${newsroom.prefix}:{en}:log`)).toBe(0);
});

test.each([
  ['its text is no record', (base: string, itemId: string) => ['set', `${base}:text:${itemId}`, 'x'] as const],
  [
    'its command cannot be read',
    (base: string, _: string, id: string) => ['hset', `${base}:command:${id}`, 'body', '{'] as const,
  ],
])('an item that cannot go out because %s does not stand as queued in the list of the desk', async (_why, break_) => {
  await using newsroom = await openNewsroom(url());
  const itemId = newsroom.newId();
  const bad = await newsroom.ask({ action: 'publish', itemId });
  const [command, ...args] = break_(`${newsroom.prefix}:{en}`, itemId, bad);
  await newsroom.redis.call(command, ...args);
  await newsroom.work();
  await until(async () => (await newsroom.desk.status('en', bad))?.state === 'refused', 10_000, 'it is refused');
  await until(async () => (await newsroom.desk.item('en', itemId))?.state === 'cancelled', 10_000, 'the list says so');
  const { items } = await newsroom.desk.list('en', { limit: 10, states: ['queued'] });
  expect(items).toEqual([]);
});

test('repairing a queue does not touch readable jobs', async () => {
  await using newsroom = await openNewsroom(url());
  const base = `${newsroom.prefix}:{en}:queue:publish`;
  await newsroom.redis.hset(`${base}:good`, { data: '{"v":1}', opts: '{}' });
  await newsroom.redis.hset(`${base}:bad`, { data: '{"v":', opts: '{}' });
  await newsroom.redis.lpush(`${base}:active`, 'good', 'bad');
  const watch = createQueueWatch(newsroom.redis, newsroom.prefix, ['en']);
  expect(await watch.repair('en')).toEqual(['bad']);
  expect(await newsroom.redis.hget(`${base}:good`, 'data')).toBe('{"v":1}');
  expect(await watch.repair('en')).toEqual([]);
});
