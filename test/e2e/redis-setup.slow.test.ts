import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { freePort } from '../../bench/process/free-port.ts';
import { desk, runFlashwire, startFlashwire, until } from '../resources/flashwire.ts';
import { connect, type RedisServer, startRedis } from '../resources/redis-server.ts';

// Real processes, several in a test.
vi.setConfig({ testTimeout: 90_000 });

const lasting = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory', '100mb'];
const noEviction = ['--maxmemory-policy', 'noeviction'];
const forgetful = ['--save', '', '--appendonly', 'no', ...noEviction];
const roles = ['worker', 'api', 'fanout', 'all'];

const line = (redis: RedisServer, changes: string) =>
  `flashwire: Redis at ${new URL(redis.url).host} can lose accepted items: ${changes} (the start stops)\n`;

async function refusals(redis: RedisServer, env: Readonly<Record<string, string>>, asked = roles) {
  const ended = asked.map((role) => runFlashwire([role], { REDIS_URL: redis.url, LOG_LEVEL: 'silent', ...env }));
  return (await Promise.all(ended)).map(({ code, err }) => ({ code, err }));
}

describe('in production no role starts on a Redis', () => {
  test('that evicts any key', async () => {
    await using redis = await startRedis([...lasting, '--maxmemory-policy', 'allkeys-lru']);
    const refused = { code: 2, err: line(redis, 'set maxmemory-policy noeviction (it is allkeys-lru)') };
    expect(await refusals(redis, { NODE_ENV: 'production' })).toEqual(roles.map(() => refused));
  });

  test.each([
    [
      'that evicts what expires',
      [...lasting, '--maxmemory-policy', 'volatile-lru'],
      'set maxmemory-policy noeviction (it is volatile-lru)',
    ],
    ['that writes no file', forgetful, 'set appendonly yes (it is set to no)'],
    [
      'with two faults, and both are named',
      ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'allkeys-lfu'],
      'set maxmemory-policy noeviction (it is allkeys-lfu); set appendonly yes (it is set to no)',
    ],
  ])('%s', async (_, settings, changes) => {
    await using redis = await startRedis(settings);
    const refused = { code: 2, err: line(redis, changes) };
    expect(await refusals(redis, { NODE_ENV: 'production' }, ['worker'])).toEqual([refused]);
  });

  test('that is a replica', async () => {
    await using primary = await startRedis([...lasting, ...noEviction]);
    await using replica = await startRedis([
      ...lasting,
      ...noEviction,
      '--replicaof',
      `127.0.0.1 ${new URL(primary.url).port}`,
    ]);
    const refused = { code: 2, err: line(replica, 'point REDIS_URL to the primary (this is a Redis replica)') };
    expect(await refusals(replica, { FLASHWIRE_REDIS_CHECK: 'refuse' }, ['worker', 'fanout'])).toEqual([
      refused,
      refused,
    ]);
  });
});

test('a writing role refuses a file that is never synced, and a reading role starts without CONFIG', async () => {
  await using redis = await startRedis([...lasting, ...noEviction, '--appendfsync', 'no']);
  const refused = { code: 2, err: line(redis, 'set appendfsync always (it is set to no)') };
  const env = { REDIS_URL: redis.url, FLASHWIRE_REDIS_CHECK: 'refuse', LOG_LEVEL: 'silent' };
  for (const role of ['worker', 'api']) {
    const { code, err } = await runFlashwire([role], env);
    expect({ code, err }).toEqual(refused);
  }
});

const warnings = (output: readonly string[]) =>
  output.flatMap((text) =>
    text.includes('Redis setup is not durable') ? (JSON.parse(text).findings as string[]) : [],
  );

test('every role starts in production on a durable Redis without a warning', async () => {
  await using redis = await startRedis([...lasting, ...noEviction]);
  const env = { REDIS_URL: redis.url, NODE_ENV: 'production' };
  for (const role of ['worker', 'api', 'fanout', 'all']) {
    await using running = await startFlashwire(role, env);
    expect(warnings(running.output)).toEqual([]);
  }
});

test('a weak setting is logged with its cost, and the role starts', async () => {
  await using redis = await startRedis([
    ...['--save', '60 1', '--appendonly', 'yes', '--appendfsync', 'everysec', '--no-appendfsync-on-rewrite', 'yes'],
    ...['--client-output-buffer-limit', 'pubsub 0 0 0', '--stop-writes-on-bgsave-error', 'no'],
  ]);
  await using worker = await startFlashwire('worker', { REDIS_URL: redis.url, NODE_ENV: 'production' });
  expect(warnings(worker.output)).toEqual([
    expect.stringMatching(/^set appendfsync always \(it is everysec: a failure of the machine loses the last second/),
    expect.stringMatching(/^set no-appendfsync-on-rewrite no/),
    expect.stringMatching(/^set maxmemory/),
    expect.stringMatching(/^set client-output-buffer-limit pubsub 64mb/),
    expect.stringMatching(/^set stop-writes-on-bgsave-error yes/),
  ]);
});

test('outside of production, or when the operator says so, the same faults are a warning', async () => {
  await using redis = await startRedis([...forgetful, '--maxmemory-policy', 'allkeys-lru']);
  for (const env of [{}, { NODE_ENV: 'production', FLASHWIRE_REDIS_CHECK: 'warn' }]) {
    await using worker = await startFlashwire('worker', { REDIS_URL: redis.url, ...env });
    expect(warnings(worker.output).slice(0, 2)).toEqual([
      'set maxmemory-policy noeviction (it is allkeys-lru)',
      'set appendonly yes (it is set to no)',
    ]);
  }
});

test('an api that starts before Redis exits with 2 once a wrong Redis answers', async () => {
  const [redisPort, port] = [await freePort(), await freePort()];
  const env = { REDIS_URL: `redis://127.0.0.1:${redisPort}`, NODE_ENV: 'production', PORT: String(port) };
  const ended = runFlashwire(['api'], { ...env, LOG_LEVEL: 'silent' });
  const isUp = async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null))?.status === 200;
  await until(isUp, 30_000, 'the api listens');
  const dir = await mkdtemp(join(tmpdir(), 'flashwire-redis-'));
  await using redis = await startRedis(forgetful, { port: redisPort, dir });
  expect(await ended).toMatchObject({ code: 2, err: line(redis, 'set appendonly yes (it is set to no)') });
  await rm(dir, { recursive: true });
});

test('a child that restarts during a failover does not stop the serving children', async () => {
  await using redis = await startRedis([...lasting, ...noEviction]);
  await using admin = connect(redis.url);
  await using all = await startFlashwire('all', { REDIS_URL: redis.url, NODE_ENV: 'production' });
  const startedAt = performance.now();
  const workers = () => all.output.flatMap((text) => /"role":"worker","pid":(\d+)/.exec(text)?.[1] ?? []);
  await until(() => workers().length > 0, 10_000, 'the worker has said something');
  // Ten seconds old, a process counts as one that serves.
  await until(() => performance.now() - startedAt > 11_000, 20_000, 'the edges are old enough');
  await admin.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  process.kill(Number(workers()[0]), 'SIGKILL');
  const refused = () => all.output.filter((text) => text.includes('"child":"worker","code":2'));
  await until(() => refused().length >= 2, 30_000, 'a worker has refused this Redis, and another was tried');
  expect((await fetch(`${all.url}/readyz`)).status).toBe(200);
  await admin.redis.config('SET', 'maxmemory-policy', 'noeviction');
  const item = { edition: 'en', headline: 'After the failover' };
  const post = async () => (await desk(all.url, 'POST', '/v1/items', item, { prefer: 'wait=5' })).status;
  await until(async () => (await post()) === 201, 20_000, 'a worker is back');
});
