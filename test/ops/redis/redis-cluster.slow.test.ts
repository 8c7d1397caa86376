import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redisErrorKind } from '../../../src/log/redis/redis-error.ts';
import { channelsOf, editionKeys } from '../../../src/log/redis/redis-keys.ts';
import { Shards } from '../../../src/log/redis/shards.ts';
import { connectRedis, whenReady } from '../../../src/ops/redis/redis.ts';
import { parseRedisAddress } from '../../../src/ops/redis/redis-address.ts';
import { StrictCluster } from '../../../src/ops/redis/redis-cluster.ts';
import { bodyOf, openClusterLog } from '../../log/edition-log.ts';
import { until } from '../../resources/flashwire.ts';
import { type ClusterNode, type RedisCluster, startCluster } from '../../resources/redis-cluster.ts';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

const connect = async () => {
  const redis = connectRedis(parseRedisAddress({ REDIS_URL: cluster.url }), 'command', 'test', () => undefined);
  await whenReady(redis);
  return { redis, [Symbol.dispose]: () => redis.disconnect() };
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How often a node was asked for its time. */
async function timesAsked({ redis }: ClusterNode): Promise<number> {
  return Number(/cmdstat_time:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
}

test('the clock of an edition is that of the node that has its keys', async () => {
  using own = await connect();
  const editions = ['en', 'ar', '_canary'];
  const shards = new Shards(own.redis, 'fw', editions);
  for (const edition of editions) {
    const owner = await cluster.ownerOf(editionKeys('fw', edition).meta);
    const before = await Promise.all(cluster.nodes.map(timesAsked));
    for (let n = 0; n < 5; n += 1) await shards.of(edition).clock.sample();
    const after = await Promise.all(cluster.nodes.map(timesAsked));
    const asked = after.map((times, at) => times - (before[at] ?? 0));
    expect(asked.filter((times) => times > 0)).toEqual([5]);
    expect(cluster.nodes[asked.indexOf(5)]?.port).toBe(owner.port);
  }
});

test('the commands that come first, many at once, reach every node', async () => {
  using own = await connect();
  const keys = Array.from({ length: 100 }, (_, at) => `first-${at}`);
  expect(await Promise.all(keys.map((key) => own.redis.set(key, '1')))).toEqual(keys.map(() => 'OK'));
});

test('a subscriber hears a message of any node, and goes to another node when its own has ended', async () => {
  using own = await connect();
  const address = parseRedisAddress({ REDIS_URL: cluster.url });
  const subscriber: Redis = connectRedis(address, 'subscriber', 'test', () => undefined);
  const heard: string[] = [];
  subscriber.on('message', (_channel: string, message: string) => void heard.push(message));
  await whenReady(subscriber);
  await subscriber.subscribe('news');
  for (const { port, redis } of cluster.nodes) await redis.publish('news', String(port));
  await until(() => heard.length === cluster.nodes.length, 5_000, 'every node was heard');
  const { remotePort } = subscriber.stream as { remotePort?: number };
  const left = cluster.nodes.find(({ port }) => port === remotePort);
  if (!left) throw new Error('a node is missing');
  await left.kill();
  await once(subscriber, 'ready');
  await own.redis.publish('news', 'again');
  await until(() => heard.includes('again'), 5_000, 'the message after the change');
  subscriber.disconnect();
  await cluster.startAgain(left);
});

test('a connection says when it cannot reach the owner of a slot, and commands to it were not sent', async () => {
  const redis = new StrictCluster(cluster.places, { commandTimeout: 2_000 });
  redis.on('error', () => undefined);
  await whenReady(redis);
  await until(() => redis.isWhole, 5_000, 'every owner is reached');
  const owner = await cluster.ownerOf('{en}');
  await owner.kill();
  await until(() => !redis.isWhole, 5_000, 'the loss is known');
  const errors = await Promise.all([1, 2, 3].map((n) => redis.set(`{en}:${n}`, '1').catch((error: unknown) => error)));
  const { status } = redis;
  await cluster.startAgain(owner);
  expect([status, ...errors.map(redisErrorKind)]).toEqual(['ready', 'not-written', 'not-written', 'not-written']);
  await until(() => redis.isWhole, 20_000, 'every owner is reached again');
  await until(
    async () => (await redis.set('{en}:now', '1').catch(() => null)) === 'OK',
    20_000,
    'it takes writes again',
  );
  redis.disconnect();
});

/** Sends 50 writes a second for as long as `while` lasts. */
async function write(redis: Awaited<ReturnType<typeof connect>>['redis'], prefix: string, during: Promise<unknown>) {
  const sent: { readonly key: string; readonly at: number; outcome: string }[] = [];
  let isOver = false;
  void during.then(() => {
    isOver = true;
  });
  const answers: Promise<unknown>[] = [];
  while (!isOver) {
    const one = { key: `{en}:${prefix}:${sent.length}`, at: performance.now(), outcome: 'acknowledged' };
    sent.push(one);
    answers.push(
      redis.set(one.key, '1').catch((error: unknown) => {
        one.outcome = redisErrorKind(error);
      }),
    );
    await pause(20);
  }
  await Promise.all(answers);
  return sent;
}

test.each([
  ['1', 'nothing runs whose caller had an error, and nothing acknowledged is lost'],
  ['0', 'nothing runs whose caller had an error'],
])('after the owner of a slot was frozen, with min-replicas-to-write %s, %s', async (replicas) => {
  for (const { redis } of cluster.nodes) await redis.config('SET', 'min-replicas-to-write', replicas);
  using own = await connect();
  const owner = await cluster.ownerOf('{en}');
  let frozenAt = 0;
  const frozen = async () => {
    await pause(500);
    process.kill(owner.pid, 'SIGSTOP');
    await pause(500); // a busy machine stops it a moment later
    frozenAt = performance.now();
    await pause(6_500);
    process.kill(owner.pid, 'SIGCONT');
    await pause(4_000);
  };
  const sent = await write(own.redis, 'frozen', frozen());
  const { redis } = await cluster.ownerOf('{en}');
  const standing = await Promise.all(
    sent.map(async ({ key, at, outcome }) => ({ at, outcome, there: await redis.exists(key) })),
  );
  // What was sent before may have run at once: only its answer was frozen.
  const late = standing.filter((one) => one.outcome === 'unknown' && one.there === 1 && one.at > frozenAt).length;
  const count = (outcome: string, there: number) =>
    standing.filter((one) => one.outcome === outcome && one.there === there).length;
  const lost = replicas === '0' ? 0 : count('acknowledged', 0);
  expect({ lost, late, ghosts: count('not-written', 1) }).toEqual({ lost: 0, late: 0, ghosts: 0 });
  expect(count('acknowledged', 1)).toBeGreaterThan(20);
  expect(count('unknown', 0)).toBeGreaterThan(10);
  expect(sent.at(-1)?.outcome).toBe('acknowledged');
});

test('an acceptance whose outcome was unknown is one command when it is asked again under its Idempotency-Key', async () => {
  await using log = await openClusterLog(cluster.url);
  const owner = await cluster.ownerOf('{en}');
  const request = (at: number) => ({
    action: 'publish' as const,
    itemId: log.newId(),
    body: bodyOf(`Line ${at}`),
    idempotency: { key: `key-${at}`, fingerprint: `f-${at}` },
  });
  await log.run(request(0));
  process.kill(owner.pid, 'SIGSTOP');
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, at) => log.accept(request(at + 1)).catch((error: unknown) => redisErrorKind(error))),
  );
  expect(new Set(outcomes)).toEqual(new Set(['unknown']));
  await pause(5_000);
  process.kill(owner.pid, 'SIGCONT');
  const again = async (at: number) => {
    for (;;) {
      const outcome = await log.accept(request(at)).catch(() => null);
      if (outcome) return outcome;
      await pause(200);
    }
  };
  const accepted = await Promise.all(Array.from({ length: 20 }, (_, at) => again(at + 1)));
  expect(accepted.every((outcome) => outcome.type === 'accepted')).toBe(true);
  const { items } = await log.desk.list('en', { limit: 100 });
  expect(items).toHaveLength(21);
});

test('an owner that wakes up after another one took over publishes nothing of what waited for it', async () => {
  // So that the one that takes over needs no replica.
  for (const { redis } of cluster.nodes) await redis.config('SET', 'min-replicas-to-write', '0');
  await using log = await openClusterLog(cluster.url);
  using heard = await hearEntries(log.prefix);
  const { meta } = editionKeys(log.prefix, 'en');
  await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf('Before') });
  const accepted = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Once') });
  const command = await log.worker.command('en', accepted.type === 'accepted' ? accepted.commandId : '');
  if (!command) throw new Error('not accepted');
  const before = await cluster.ownerOf(meta);
  await before.redis.wait(1, 1_000);
  process.kill(before.pid, 'SIGSTOP');
  expect(await log.worker.append(command).catch(redisErrorKind)).toBe('unknown');
  const isAppended = () => log.worker.append(command).catch(() => null);
  await until(async () => (await isAppended()) !== null, 20_000, 'the owner that has taken over appends it');
  // The append that waits is older than the time that its caller gave it.
  await pause(2_000);
  process.kill(before.pid, 'SIGCONT');
  await until(async () => (await before.redis.role())[0] === 'slave', 20_000, 'it follows the new owner');
  await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf('After') });
  await until(() => heard.seqs.includes(3), 5_000, 'the entry after it');
  expect(heard.seqs).toEqual([1, 2, 3]);
});

/** The seq of each entry that is published. */
async function hearEntries(prefix: string) {
  const address = parseRedisAddress({ REDIS_URL: cluster.url });
  const subscriber: Redis = connectRedis(address, 'subscriber', 'test', () => undefined);
  const seqs: number[] = [];
  subscriber.on('message', (_channel: string, message: string) => void seqs.push(JSON.parse(message).seq));
  await whenReady(subscriber);
  await subscriber.subscribe(channelsOf(subscriber, prefix).entries('en'));
  return { seqs, [Symbol.dispose]: () => subscriber.disconnect() };
}
