import { afterAll, beforeAll, expect, test } from 'vitest';
import { desk, type Running, startFlashwire, until } from '../resources/flashwire.ts';
import { watchLateness } from '../resources/lateness.ts';
import { type Sentinels, startSentinels } from '../resources/redis-sentinels.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

const stack = new ResourceStack();
let redis: Sentinels;
let all: Running;

const guard = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2', '--maxmemory', '100mb'];

beforeAll(async () => {
  redis = stack.use(await startSentinels(2, guard));
  const env = { REDIS_URL: redis.url, NODE_ENV: 'production', FLASHWIRE_DURABILITY: 'replicated' };
  all = stack.use(await startFlashwire('all', env));
});

afterAll(() => stack[Symbol.asyncDispose]());

interface Item {
  readonly headline: string;
}

const readyPage = async () => (await fetch(`${all.url}/readyz`)).text();
const post = (headline: string, key: string) =>
  desk(all.url, 'POST', '/v1/items', { edition: 'en', headline }, { prefer: 'wait=5', 'idempotency-key': key });

test('a site with Sentinels says that it is replicated, and follows a failover without losing or doubling a line', async () => {
  await until(async () => (await readyPage()).includes('redis: replicated'), 30_000, 'the state is known');
  expect(all.output.filter((line) => line.includes('Redis setup is not durable'))).toEqual([]);
  expect((await post('Before', 'before')).status).toBe(201);
  const before = await redis.primary();
  process.kill(before.pid, 'SIGKILL');
  const lateness = watchLateness();
  const startedAt = performance.now();
  await until(async () => (await post('After', 'after')).status === 201, 20_000, 'a line goes out again');
  expect(performance.now() - startedAt).toBeLessThan(12_000 + lateness());
  expect((await desk(all.url, 'GET', '/v1/status')).body).toMatchObject({ durability: expect.any(String) });
  // The edge finds the new primary by itself, maybe later than the api and the worker.
  const feed = async () => (await (await fetch(`${all.url}/v1/feed.json?edition=en`)).json()) as { items: Item[] };
  const lines = async () => (await feed()).items.map(({ headline }) => headline).join();
  await until(async () => (await lines()) === 'After,Before', 5_000, 'readers have both lines, each once');
});

test('one of two replicas is enough, none is not', async () => {
  const primary = await redis.primary();
  const [last] = redis.servers.filter((server) => server !== primary && !server.hasEnded());
  await until(
    async () => (await readyPage()).includes('redis: replicated'),
    30_000,
    'one replica follows the new primary',
  );
  process.kill(last?.pid ?? 0, 'SIGKILL');
  await until(async () => (await readyPage()).includes('redis: weak'), 30_000, 'the last replica is missed');
  const { status } = await post('Nobody has this', 'nobody');
  expect([503, 504]).toContain(status);
});
