import { Queue } from 'bullmq';
import { expect, inject, test } from 'vitest';
import { queuePrefix } from '../../src/log/redis/redis-keys.ts';
import { publishQueue } from '../../src/queue/job.ts';
import { createPatientPublisher } from '../../src/queue/patient-publisher.ts';
import type { Publisher } from '../../src/queue/publisher.ts';
import { type Newsroom, openNewsroom } from '../resources/newsroom.ts';
import { connect } from '../resources/redis-server.ts';

async function openDesk() {
  const newsroom = await openNewsroom(inject('redisUrl'));
  const connection = connect(inject('redisUrl'));
  const queue = new Queue(publishQueue, { connection: connection.redis, prefix: queuePrefix(newsroom.prefix, 'en') });
  const patient = createPatientPublisher(newsroom.publisher, newsroom.desk);
  return {
    newsroom,
    hasJob: async (commandId: string) => (await queue.getJob(commandId)) !== undefined,
    post: async (more: Partial<Parameters<Newsroom['accept']>[0]> = {}) => {
      const commandId = await newsroom.accept({ action: 'publish', itemId: newsroom.newId(), ...more });
      const dueAt = newsroom.desk.now() + (more.holdMs ?? 0);
      await patient.enqueue('en', { commandId, dueAt, kind: 'publish' });
      return commandId;
    },
    [Symbol.asyncDispose]: async () => {
      await queue.close();
      connection[Symbol.dispose]();
      await newsroom[Symbol.asyncDispose]();
    },
  };
}

test('a line that a worker appends at once needs no job', async () => {
  await using desk = await openDesk();
  await desk.newsroom.work();
  await desk.newsroom.outcome(await desk.post(), 5_000);
  const commandId = await desk.newsroom.accept({ action: 'publish', itemId: desk.newsroom.newId() });
  expect(await desk.newsroom.outcome(commandId, 5_000)).toMatchObject({ state: 'published' });
  // The outcome was heard before the question.
  expect(await desk.newsroom.desk.isOverSoon('en', commandId)).toBe(true);
  await createPatientPublisher(desk.newsroom.publisher, desk.newsroom.desk).enqueue('en', {
    commandId,
    dueAt: 0,
    kind: 'publish',
  });
  expect(await desk.hasJob(commandId)).toBe(false);
});

test.each([
  [true, []],
  [false, ['c_1']],
] as const)('a call waits for the worker before it adds a job (appended at once: %s)', async (isOver, jobs) => {
  const added: string[] = [];
  const counted: Publisher = {
    enqueue: async (_edition, { commandId }) => void added.push(commandId),
    hold: async () => undefined,
    close: async () => undefined,
  };
  let answer: (isOver: boolean) => void = () => undefined;
  const isOverSoon = () =>
    new Promise<boolean>((resolve) => {
      answer = resolve;
    });
  const patient = createPatientPublisher(counted, { now: () => 0, isOverSoon });
  const called = patient.enqueue('en', { commandId: 'c_1', dueAt: 0, kind: 'publish' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(added).toEqual([]);
  answer(isOver);
  await called;
  expect(added).toEqual(jobs);
});

const cases: readonly (readonly [string, (newsroom: Newsroom) => Promise<unknown>, { readonly holdMs?: number }])[] = [
  ['no worker runs', async () => undefined, {}],
  ['STOP holds it', ({ publisher }) => publisher.hold(true), {}],
  ['it is due later', (newsroom) => newsroom.work(), { holdMs: 60_000 }],
];

test.each(cases)('a line has its job when the call resolves if %s', async (_why, prepare, more) => {
  await using desk = await openDesk();
  await prepare(desk.newsroom);
  expect(await desk.hasJob(await desk.post(more))).toBe(true);
});
