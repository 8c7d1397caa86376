import { expect, inject, test } from 'vitest';
import type { Entry } from '../../../src/log/entries/entry.ts';
import { createLogFollower } from '../../../src/log/entries/redis-log-follower.ts';
import { createRollCall, type ProcessReport } from '../../../src/log/rollcall/delivery-report.ts';
import { connectRedis } from '../../../src/ops/redis/redis.ts';
import { until } from '../../resources/flashwire.ts';
import { addressOf, connect, ownPrefix } from '../../resources/redis-server.ts';
import { ResourceStack } from '../../resources/resource-stack.ts';
import { bodyOf, openEditionLog } from '../edition-log.ts';

const inDatabase = (number: number) => `${inject('redisUrl')}/${number}`;

function open(stack: ResourceStack, url: string) {
  const redis = connectRedis(addressOf(url), 'subscriber', 'databases', () => undefined);
  stack.defer(() => redis.disconnect());
  return redis;
}

test('sites in two databases of one Redis with the same prefix receive nothing from each other', async () => {
  await using stack = new ResourceStack();
  const prefix = ownPrefix();
  const sites = await Promise.all(
    [0, 1, 2].map(async (number) => {
      const log = stack.use(await openEditionLog(inDatabase(number), { prefix }));
      const heard: string[] = [];
      const follower = createLogFollower({
        subscriber: open(stack, inDatabase(number)),
        prefix,
        editions: ['en'],
        onBadMessage: (_edition, error) => void heard.push(String(error)),
      });
      stack.defer(() => follower.close());
      const onEntry = (_edition: string, { item }: Entry) => void heard.push(item?.headline ?? '');
      await follower.start({ onEntry, onReady: () => undefined, onLost: () => undefined });
      return { log, heard, headline: `Of database ${number}` };
    }),
  );
  for (const { log, headline } of sites)
    await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf(headline) });
  // Redis delivers in order, so this message arrives after everything that the others could have received.
  await until(() => sites.at(-1)?.heard.length === 1, 5_000, 'the last line is heard');
  expect(sites.map(({ heard }) => heard)).toEqual(sites.map(({ headline }) => [headline]));
});

test('an outcome wakes waits in its own database only, and the channels of database 0 have no suffix', async () => {
  await using stack = new ResourceStack();
  const prefix = ownPrefix();
  using listening = connect(inject('redisUrl'));
  const heard: string[] = [];
  listening.redis.on('pmessage', (_pattern: string, channel: string) => void heard.push(channel));
  await listening.redis.psubscribe(`${prefix}:*`);
  const logs = await Promise.all([0, 1].map((number) => openEditionLog(inDatabase(number), { prefix })));
  for (const log of logs) {
    stack.use(log);
    const itemId = log.newId();
    const accepted = await log.accept({ action: 'publish', itemId, body: bodyOf('A line') });
    const commandId = accepted.type === 'accepted' ? accepted.commandId : '';
    const settled = log.desk.settled('en', commandId, 10_000);
    await until(async () => (await log.redis.pubsub('CHANNELS', `${prefix}:*outcomes*`)).length > 0, 5_000, 'it waits');
    await log.append(commandId);
    expect(await settled).toMatchObject({ state: 'published' });
    const held = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Held'), holdMs: 60_000 });
    const heldId = held.type === 'accepted' ? held.id : '';
    expect(await log.accept({ action: 'cancel', itemId: heldId })).toMatchObject({ type: 'accepted' });
    const bad = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Bad') });
    await log.worker.refuse('en', bad.type === 'accepted' ? bad.commandId : '', 'append-failed');
  }
  const [entries, outcomes, due] = ['entries', 'outcomes', 'accepted'].map((name) => `${prefix}:{en}:${name}`);
  const desk = `${prefix}:desk`;
  // Accepted and appended; held; cancelled; accepted and refused.
  const channels = [desk, due, entries, outcomes, desk, desk, outcomes, desk, desk, due, outcomes, desk];
  await until(() => heard.length >= 24, 5_000, 'all is heard');
  expect(heard).toEqual([...channels, ...channels.map((name) => `${name}@1`)]);
});

test('a call on the roll reaches processes of the same database only', async () => {
  await using stack = new ResourceStack();
  const prefix = ownPrefix();
  const calls = [0, 1].map((number) => {
    const [redis, subscriber] = [open(stack, inDatabase(number)), open(stack, inDatabase(number))];
    const heard: ProcessReport[] = [];
    const rollCall = createRollCall({ redis, subscriber, prefix });
    rollCall.listen((report) => void heard.push(report));
    return { rollCall, heard };
  });
  const report = (process: string): ProcessReport => ({
    process,
    startedAt: 0,
    readers: {},
    canary: null,
    isReady: true,
    deliveries: [],
    painted: [],
  });
  const sayUntilHeard = () =>
    Promise.all(calls.map(({ rollCall }, number) => rollCall.say(report(`of ${number}`)))).then(() =>
      calls.every(({ heard }) => heard.length > 0),
    );
  await until(sayUntilHeard, 5_000, 'both are heard');
  expect(calls.map(({ heard }) => [...new Set(heard.map(({ process }) => process))])).toEqual([['of 0'], ['of 1']]);
});
