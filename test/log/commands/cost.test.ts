import { expect, test } from 'vitest';
import type { Command } from '../../../src/item/command.ts';
import { startRedis } from '../../resources/redis-server.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

/** Commands that Redis has run for the log, those in scripts too. */
async function commandsOf(log: EditionLog, work: () => Promise<unknown>): Promise<number> {
  await log.redis.config('RESETSTAT');
  await work();
  const calls = [...(await log.redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  // Of the connection and its clock.
  const own = /^(?:config|info|ping|role|client|hello)/;
  return calls.filter(([, name = '']) => !own.test(name)).reduce((sum, [, , count]) => sum + Number(count), 0);
}

async function accept(log: EditionLog): Promise<Command> {
  const outcome = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('A line') });
  const command = outcome.type === 'accepted' && (await log.worker.command('en', outcome.commandId));
  if (!command) throw new Error('not accepted');
  return command;
}

test('a line costs Redis at most 42 commands from the acceptance to the entry, and fewer in a batch', async () => {
  await using redis = await startRedis();
  await using log = await openEditionLog(redis.url);
  // The scripts are loaded, and the edition has its epoch.
  await log.worker.appendAll('en', [await accept(log)], []);
  const publish = () => log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('A line') });
  const least = async (work: () => Promise<unknown>) => {
    // The clock asks for the time now and then.
    const counts = [await commandsOf(log, work), await commandsOf(log, work), await commandsOf(log, work)];
    return Math.min(...counts);
  };
  expect(await least(publish)).toBeLessThanOrEqual(18);
  const singles = [await accept(log), await accept(log), await accept(log)];
  const one = await least(async () => {
    const next = singles.shift();
    expect(next && (await log.worker.append(next))).toMatchObject({ type: 'appended', seen: false });
  });
  expect(one).toBeLessThanOrEqual(24);
  const passed = (await log.worker.open('en', 100, [])).map(({ commandId }) => commandId);
  const batches = await Promise.all(
    [0, 1, 2].map(async () => Promise.all(Array.from({ length: 32 }, () => accept(log)))),
  );
  const many = await least(async () => {
    const outcomes = await log.worker.appendAll('en', batches.shift() ?? [], passed);
    expect(outcomes.filter(({ type }) => type === 'appended')).toHaveLength(32);
  });
  expect(many / 32).toBeLessThanOrEqual(14);
});
