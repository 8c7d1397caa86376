import { expect, inject, test } from 'vitest';
import type { Command } from '../../../src/item/command.ts';
import type { AcceptRequest } from '../../../src/log/commands/desk-log.ts';
import { redisErrorKind } from '../../../src/log/redis/redis-error.ts';
import { redisSource } from '../../../src/log/trail/chain-source.ts';
import { verifyChain } from '../../../src/log/trail/verify.ts';
import { startRedis } from '../../resources/redis-server.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

const open = () => openEditionLog(inject('redisUrl'));

async function accept(log: EditionLog, request: Partial<AcceptRequest> = {}): Promise<Command> {
  const outcome = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('A line'), ...request });
  const command = outcome.type === 'accepted' && (await log.worker.command('en', outcome.commandId));
  if (!command) throw new Error('not accepted');
  return command;
}

const idsOf = (commands: readonly Command[]) => commands.map(({ id }) => id);
const entriesOf = async (log: EditionLog) => (await log.after(0))?.map(({ commandId }) => commandId);

test('a batch is appended in its order and chained, and appending it again changes nothing', async () => {
  await using log = await open();
  const itemId = log.newId();
  const edit = { action: 'edit', itemId, body: bodyOf('Corrected'), change: 'corrected' } as const;
  const before = await accept(log, { itemId });
  expect(await log.worker.appendAll('en', [before], [])).toMatchObject([{ type: 'appended', seq: 1 }]);
  const batch = [before, await accept(log, edit), await accept(log), await accept(log, edit)];
  batch.push(await accept(log, { action: 'withhold', itemId }), await accept(log, { action: 'release', itemId }));
  const append = async () =>
    (await log.worker.appendAll('en', batch, [])).map((one) => 'seen' in one && [one.seq, one.seen]);
  expect(await append()).toEqual([[1, true], ...[2, 3, 4, 5, 6].map((seq) => [seq, false])]);
  expect(await append()).toEqual([1, 2, 3, 4, 5, 6].map((seq) => [seq, true]));
  expect(await entriesOf(log)).toEqual(idsOf(batch));
  expect(await verifyChain(redisSource(log.redis, log.prefix, 'en'), 'en')).toMatchObject({ entries: 6, broken: null });
  expect(await log.redis.zcard(`${log.prefix}:{en}:due`)).toBe(0);
});

test('a command that fails by its own record leaves nothing behind and stops no other', async () => {
  await using log = await open();
  const batch = [await accept(log), await accept(log), await accept(log)];
  const [, bad] = batch;
  await log.redis.hset(`${log.prefix}:{en}:item:${bad?.itemId}`, 'version', 'many');
  const outcomes = await log.worker.appendAll('en', batch, []);
  expect(outcomes).toMatchObject([{ type: 'appended', seq: 1 }, { type: 'failed' }, { type: 'appended', seq: 2 }]);
  const [, failed] = outcomes;
  expect(failed?.type === 'failed' && redisErrorKind(failed.error)).toBe('failed-in-script');
  expect(await log.redis.zrange(`${log.prefix}:{en}:due`, 0, '-1')).toEqual([bad?.id]);
  expect(await log.redis.hget(`${log.prefix}:{en}:command:${bad?.id}`, 'state')).toBe('queued');
});

test('a Redis that refuses writes refuses the batch, and no command of it is at fault', async () => {
  await using redis = await startRedis();
  await using log = await openEditionLog(redis.url);
  await log.worker.appendAll('en', [await accept(log)], []);
  const batch = [await accept(log), await accept(log)];
  await log.redis.config('SET', 'min-replicas-to-write', '1');
  await expect(log.worker.appendAll('en', batch, [])).rejects.toThrow('NOREPLICAS');
  await log.redis.config('SET', 'min-replicas-to-write', '0');
  expect(await log.worker.appendAll('en', batch, [])).toMatchObject([{ seq: 2 }, { seq: 3 }]);
});

test('nothing goes before an older open command that is neither in the batch nor passed, but for a retraction', async () => {
  await using log = await open();
  const [out, older, named, later] = [await accept(log), await accept(log), await accept(log), await accept(log)];
  await log.worker.appendAll('en', [out], []);
  const retraction = await accept(log, { action: 'retract', itemId: out.itemId });
  expect(await log.worker.appendAll('en', [retraction, named, later], [])).toMatchObject([
    { type: 'appended', seq: 2 },
    { type: 'behind' },
    { type: 'behind' },
  ]);
  expect(await log.worker.appendAll('en', [later], [older.id])).toEqual([{ type: 'behind' }]);
  expect(await log.worker.appendAll('en', [named, later], [older.id])).toMatchObject([{ seq: 3 }, { seq: 4 }]);
  expect(await entriesOf(log)).toEqual(idsOf([out, retraction, named, later]));
});

test('STOP holds what a worker has read already, and no retraction', async () => {
  await using log = await open();
  const [out, line] = [await accept(log), await accept(log)];
  await log.worker.appendAll('en', [out], []);
  const retraction = await accept(log, { action: 'retract', itemId: out.itemId });
  const queue = `${log.prefix}:{en}:queue:publish:meta`;
  await log.redis.hset(queue, 'paused', 1);
  const batch = () => log.worker.appendAll('en', [retraction, line], []);
  expect(await batch()).toMatchObject([{ type: 'appended', seq: 2 }, { type: 'held' }]);
  await log.redis.hdel(queue, 'paused');
  expect(await batch()).toMatchObject([{ seen: true }, { type: 'appended', seq: 3 }]);
});

test('commands of one millisecond are due in the order of their acceptance, whatever their ids', async () => {
  await using log = await open();
  const asked = Array.from({ length: 300 }, (_, n) => `c_${String(999 - n)}`);
  await Promise.all(
    asked.map((commandId) => log.accept({ commandId, action: 'publish', itemId: log.newId(), body: bodyOf('A line') })),
  );
  const due = await log.redis.zrange(`${log.prefix}:{en}:due`, 0, '-1', 'WITHSCORES');
  const times = due.filter((_, at) => at % 2 === 1).map((score) => Math.floor(Number(score)));
  expect(new Set(times).size).toBeLessThan(300);
  expect(due.filter((_, at) => at % 2 === 0)).toEqual(asked);
  const found = await log.worker.open('en', 300, []);
  expect(found.map(({ dueAt }) => dueAt)).toEqual(times);
});
