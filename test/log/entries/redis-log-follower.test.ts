import { expect, inject, test } from 'vitest';
import type { Entry } from '../../../src/log/entries/entry.ts';
import { createLogFollower } from '../../../src/log/entries/redis-log-follower.ts';
import { connectRedis } from '../../../src/ops/redis/redis.ts';
import { until } from '../../resources/flashwire.ts';
import { watchLateness } from '../../resources/lateness.ts';
import { addressOf, startRedis } from '../../resources/redis-server.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

/** Follows the log's edition and records what it receives. */
async function follow(url: string, { prefix }: Pick<EditionLog, 'prefix'>) {
  const subscriber = connectRedis(addressOf(url), 'subscriber', `follow-${prefix}`, () => undefined);
  const heard = { entries: [] as Entry[], bad: [] as unknown[], ready: 0, lost: 0 };
  const follower = createLogFollower({
    subscriber,
    prefix,
    editions: ['en', 'ar'],
    onBadMessage: (_edition, error) => void heard.bad.push(error),
  });
  await follower.start({
    onEntry: (_edition, entry) => void heard.entries.push(entry),
    onReady: () => {
      heard.ready += 1;
    },
    onLost: () => {
      heard.lost += 1;
    },
  });
  return { heard, subscriber, [Symbol.asyncDispose]: () => follower.close() };
}

const publish = (log: EditionLog, headline: string) =>
  log.run({ action: 'publish', itemId: log.newId(), body: bodyOf(headline, { topics: [] }) });

test('a follower receives the same entries that a reader reads', async () => {
  await using log = await openEditionLog(inject('redisUrl'));
  await using following = await follow(inject('redisUrl'), log);
  const { heard } = following;
  expect(heard.ready).toBe(1);
  const itemId = log.newId();
  const tricky = 'He said “no” \\ "never" \u200f';
  await log.run({ action: 'publish', itemId, body: bodyOf(tricky) });
  await log.run({ action: 'edit', itemId, body: bodyOf(`${tricky}!`), change: 'corrected' });
  await log.run({ action: 'withhold', itemId });
  await log.run({ action: 'release', itemId });
  await until(() => heard.entries.length === 4, 10_000, 'four entries are heard');
  expect(heard.entries).toEqual(await log.after(0));
  await log.run({ action: 'retract', itemId, notice: 'A "line" was withdrawn.' });
  await until(() => heard.entries.length === 5, 10_000, 'the retraction is heard');
  expect(heard.entries.at(-1)).toEqual((await log.after(4))?.[0]);
  expect(heard.entries.at(-1)).toMatchObject({ notice: 'A "line" was withdrawn.', item: null });
});

test('a follower reports a message that is not an entry, and receives the entries after it', async () => {
  await using log = await openEditionLog(inject('redisUrl'));
  await using following = await follow(inject('redisUrl'), log);
  const { heard } = following;
  await log.redis.publish(`${log.prefix}:{en}:entries`, '{"seq":"one"}');
  await log.redis.publish(`${log.prefix}:{en}:entries`, 'nothing');
  await publish(log, 'After');
  await until(() => heard.entries.length === 1, 10_000, 'the entry is heard');
  expect(heard.bad).toHaveLength(2);
});

test('a follower reports a cut connection and subscribes again', async () => {
  await using log = await openEditionLog(inject('redisUrl'));
  await using following = await follow(inject('redisUrl'), log);
  const { heard } = following;
  const clients = String(await log.redis.client('LIST'));
  const id = /id=(\d+)/.exec(
    clients.split('\n').find((line) => line.includes(`name=follow-${log.prefix} `)) ?? '',
  )?.[1];
  await log.redis.client('KILL', 'ID', id ?? '');
  await until(() => heard.ready === 2, 5_000, 'it is subscribed again');
  expect(heard.lost).toBe(1);
  await publish(log, 'After');
  await until(() => heard.entries.length === 1, 10_000, 'the entry is heard');
});

test('a follower finds a frozen Redis in under 5 s, whenever the last ping was', async () => {
  await using redis = await startRedis();
  await using following = await follow(redis.url, { prefix: 'frozen' });
  const lateness = watchLateness();
  const stoppedAt = performance.now();
  process.kill(redis.pid, 'SIGSTOP');
  await until(() => following.heard.lost > 0, 20_000, 'the loss is reported');
  // How long this machine kept the test itself waiting is not its fault.
  expect(performance.now() - stoppedAt).toBeLessThan(5_000 + lateness());
  process.kill(redis.pid, 'SIGCONT');
  await until(() => following.heard.ready === 2, 9_000, 'it is subscribed again');
});
