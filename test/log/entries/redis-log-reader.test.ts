import { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';
import { createLogReader } from '../../../src/log/entries/redis-log-reader.ts';
import { connect, startRedis } from '../../resources/redis-server.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

const limits = { items: 1_000, entries: 1_000 };

/** Publishes lines, the last of which is corrected, and one that is retracted. */
async function fill(log: EditionLog, lines: number): Promise<void> {
  const ids = Array.from({ length: lines + 1 }, () => log.newId());
  for (let at = 0; at < ids.length; at += 32) {
    const accepted = ids.slice(at, at + 32).map(async (itemId) => {
      const outcome = await log.accept({ action: 'publish', itemId, body: bodyOf(`Line ${itemId}`) });
      if (outcome.type !== 'accepted') throw new Error(`refused: ${outcome.problem}`);
      return log.worker.command('en', outcome.commandId);
    });
    const commands = (await Promise.all(accepted)).flatMap((command) => command ?? []);
    await log.worker.appendAll('en', commands, []);
  }
  const [corrected = '', retracted = ''] = ids;
  await log.run({ action: 'edit', itemId: corrected, body: bodyOf('Corrected'), change: 'corrected' });
  await log.run({ action: 'retract', itemId: retracted, reason: 'untrue' });
}

/** Names of the commands that the connection sends from now on. */
function listen(redis: Redis): readonly string[] {
  const names: string[] = [];
  const sendCommand = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, ...rest) => {
    names.push(command.name);
    return sendCommand(command, ...rest);
  };
  return names;
}

test('a load of 600 items is at most 16 commands', async () => {
  await using log = await openEditionLog(inject('redisUrl'));
  await fill(log, 600);
  await log.worker.keepReadScript('en');
  // The log's own connection also asks for the time.
  using own = connect(inject('redisUrl'));
  await own.redis.ping();
  const sent = listen(own.redis);
  const {
    items,
    entries,
    withdrawn = [],
  } = await createLogReader({ redis: own.redis, prefix: log.prefix }).load('en', limits);
  expect([items.length, entries.length, withdrawn.length]).toEqual([600, 603, 1]);
  expect(sent.length, sent.join(' ')).toBeLessThanOrEqual(16);
});

test('where Redis has no script, or the user may run none, a load gives the same', async () => {
  await using log = await openEditionLog(inject('redisUrl'));
  await fill(log, 20);
  await log.worker.keepReadScript('en');
  const loaded = await log.reader.load('en', limits);
  const name = log.prefix.replaceAll(':', '-');
  await log.redis.acl('SETUSER', name, 'on', 'nopass', `~${log.prefix}:*`, '+@all', '-evalsha_ro');
  const redis = new Redis(inject('redisUrl'), { username: name, password: 'any' });
  try {
    const reader = createLogReader({ redis, prefix: log.prefix });
    expect(await reader.load('en', limits)).toEqual(loaded);
    const sent = listen(redis);
    await reader.load('en', limits);
    expect(sent).not.toContain('evalsha_ro');
  } finally {
    redis.disconnect();
    await log.redis.acl('DELUSER', name);
  }
  await using empty = await startRedis();
  await using without = await openEditionLog(empty.url);
  await fill(without, 20);
  await without.redis.script('FLUSH');
  expect((await without.reader.load('en', limits)).items).toHaveLength(20);
  expect((await without.reader.load('en', limits)).withdrawn).toHaveLength(1);
});
