import { type EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { watchDurability } from '../../../src/ops/redis/durability.ts';
import { watchFailover } from '../../../src/ops/redis/failover-watch.ts';
import { type ConnectionKind, connectRedis, whenReady } from '../../../src/ops/redis/redis.ts';
import { parseRedisAddress } from '../../../src/ops/redis/redis-address.ts';
import { until } from '../../resources/flashwire.ts';
import { watchLateness } from '../../resources/lateness.ts';
import { type Sentinels, startSentinels } from '../../resources/redis-sentinels.ts';
import { addressOf, startRedis } from '../../resources/redis-server.ts';

let site: Sentinels;

beforeAll(async () => {
  site = await startSentinels();
});

afterAll(() => site[Symbol.asyncDispose]());

function open(kind: ConnectionKind) {
  const address = parseRedisAddress({ REDIS_URL: site.url });
  if (address.kind === 'cluster') throw new Error('no Sentinels');
  const redis = connectRedis(address, kind, `test-${kind}`, () => undefined);
  return { redis, [Symbol.dispose]: () => redis.disconnect() };
}

const portOf = (redis: { readonly stream: { readonly remotePort?: number | undefined } }) => redis.stream.remotePort;

test('a user of the Sentinels with the rules of docs/deploy.md is enough to watch what accepted items rest on', async () => {
  const rules =
    /`user flashwire on >\.\. ([^`]*)`/.exec(await readFile('docs/deploy.md', 'utf8'))?.[1]?.split(' ') ?? [];
  for (const { port } of site.sentinels) await site.ask(port, 'ACL', 'SETUSER', 'flashwire', 'on', '>secret', ...rules);
  const login = { REDIS_SENTINEL_USERNAME: 'flashwire', REDIS_SENTINEL_PASSWORD: 'secret' };
  const address = parseRedisAddress({ REDIS_URL: site.url, ...login });
  const printed = (['error', 'warn', 'log'] as const).map((name) => vi.spyOn(console, name));
  const redis = connectRedis(address, 'command', 'test-watch', () => undefined);
  const watch = watchDurability(redis, address, { mode: 'replicated', stated: undefined }, () => undefined);
  if (address.kind !== 'sentinel') throw new Error('no Sentinels');
  using failover = watchFailover(address, () => undefined);
  await failover.listening;
  await until(() => watch.durability() !== null, 10_000, 'it has looked');
  expect(watch.durability()).toMatchObject({ state: 'replicated' });
  expect(watch.replicasNeeded()).toBe(1);
  watch.stop();
  redis.disconnect();
  for (const spy of printed) {
    expect(spy.mock.calls).toEqual([]);
    spy.mockRestore();
  }
});

test('every kind of connection follows a planned failover', async () => {
  using command = open('command');
  using blocking = open('blocking');
  using subscriber = open('subscriber');
  const all = [command.redis, blocking.redis, subscriber.redis];
  await Promise.all(all.map(whenReady));
  const heard: string[] = [];
  subscriber.redis.on('message', (_, text: string) => heard.push(text));
  await subscriber.redis.subscribe('news');
  const before = await site.primary();
  expect(all.map(portOf)).toEqual(all.map(() => before.port));
  await site.ask(site.sentinels[0]?.port ?? 0, 'SENTINEL', 'FAILOVER', 'flash');
  await until(async () => (await site.primary()).port !== before.port, 15_000, 'there is another primary');
  const after = await site.primary();
  const hasMoved = () => all.every((redis) => redis.status === 'ready' && portOf(redis) === after.port);
  await until(hasMoved, 10_000, 'every connection is at the new primary');
  await until(async () => (await command.redis.set('a', '1').catch(() => null)) === 'OK', 5_000, 'it takes writes');
  await until(
    async () => (await command.redis.publish('news', 'line').catch(() => 0)) === 1,
    5_000,
    'it is subscribed',
  );
  await until(() => heard.includes('line'), 5_000, 'the message arrives');
}, 60_000);

test('a failover is announced before a replica is promoted, and is over once another server is the primary', async () => {
  const address = addressOf(site.url);
  if (address.kind !== 'sentinel') throw new Error('no Sentinels');
  // The primary of the test before has become a replica.
  await site.whole();
  let switched = 0;
  using watch = watchFailover(address, () => {
    switched += 1;
  });
  const before = await site.primary();
  const others = site.servers.filter((server) => server !== before);
  const roles = async () => Promise.all(others.map(({ port }) => site.ask(port, 'ROLE').then(String, () => '')));
  // The announcement and the answer come over connections of their own: what was known when the answer was there.
  let wasAnnounced = false;
  const isPromoted = async () => {
    const isOne = (await roles()).some((role) => role.startsWith('master'));
    wasAnnounced = watch.isFailingOver(startedAt);
    return isOne;
  };
  await watch.listening;
  const startedAt = performance.now();
  expect(watch.isFailingOver(startedAt)).toBe(false);
  const promoted = until(isPromoted, 15_000, 'a replica is promoted');
  // Refused while another one is not over.
  const order = () =>
    site.ask(site.sentinels[0]?.port ?? 0, 'SENTINEL', 'FAILOVER', 'flash').then(
      () => true,
      () => false,
    );
  await until(order, 10_000, 'a failover is ordered');
  await promoted;
  expect(wasAnnounced).toBe(true);
  await until(() => switched === 1 && !watch.isFailingOver(performance.now()), 15_000, 'it is over');
}, 60_000);

test('a connection that hears of a failover while it asks for the primary goes on', async () => {
  using command = open('command');
  const { redis } = command;
  await whenReady(redis);
  const connector: unknown = Reflect.get(redis, 'connector');
  interface Detector {
    readonly sentinels: readonly { readonly client: EventEmitter }[];
  }
  const detectorOf = () => Reflect.get(connector as object, 'failoverDetector') as Detector | null;
  await until(() => detectorOf() !== null, 5_000, 'it listens');
  const [first] = detectorOf()?.sentinels ?? [];
  redis.once('connecting', () => first?.client.emit('message', '+switch-master', ''));
  redis.stream.destroy();
  await once(redis, 'close');
  await until(() => redis.status === 'ready', 5_000, 'it is connected again');
}, 20_000);

test('a frozen primary is left, and what was written before it wakes up stays', async () => {
  using command = open('command');
  await whenReady(command.redis);
  const before = await site.primary();
  // Two of three are enough, and nothing is printed about the third.
  const printed = vi.spyOn(console, 'error');
  process.kill(site.sentinels[2]?.pid ?? 0, 'SIGKILL');
  process.kill(before.pid, 'SIGSTOP');
  const lateness = watchLateness();
  const startedAt = performance.now();
  const set = (key: string) =>
    command.redis.set(key, '1').then(
      () => true,
      () => false,
    );
  await until(() => set('during'), 15_000, 'another primary takes writes');
  const gapMs = performance.now() - startedAt - lateness();
  process.kill(before.pid, 'SIGCONT');
  const isReplica = async () => String(await site.ask(before.port, 'ROLE').catch(() => '')).startsWith('slave');
  while (!(await isReplica())) {
    expect(portOf(command.redis)).not.toBe(before.port);
    await set('meanwhile');
  }
  expect(await command.redis.mget('during', 'meanwhile')).toEqual(['1', '1']);
  expect(gapMs).toBeLessThan(8_000);
  expect(printed).not.toHaveBeenCalled();
}, 60_000);

test('a command connection to one Redis leaves it within 4 s once it does not answer', async () => {
  await using server = await startRedis();
  const redis = connectRedis(addressOf(server.url), 'command', 'frozen', () => undefined);
  await whenReady(redis);
  process.kill(server.pid, 'SIGSTOP');
  await until(() => redis.status !== 'ready', 4_000, 'the connection is given up');
  await expect(redis.set('a', '1')).rejects.toThrow("Stream isn't writeable");
  process.kill(server.pid, 'SIGCONT');
  await until(() => redis.status === 'ready', 5_000, 'it is back');
  expect(await redis.exists('a')).toBe(0);
  redis.disconnect();
}, 20_000);

test('a process that stood still for longer than that keeps its connection', async () => {
  await using server = await startRedis();
  const redis = connectRedis(addressOf(server.url), 'command', 'busy', () => undefined);
  await whenReady(redis);
  const port = redis.stream.localPort;
  const ask = redis.role.bind(redis);
  const stoodStill = new Promise<void>((resolve) => {
    redis.role = () => {
      // The answer comes while this process stands still.
      process.kill(server.pid, 'SIGSTOP');
      const answer = ask();
      redis.role = ask;
      // After this turn's look at the sockets: the next turn begins with its timers.
      setImmediate(() => {
        process.kill(server.pid, 'SIGCONT');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
        setTimeout(resolve, 50);
      });
      return answer;
    };
  });
  await stoodStill;
  expect(await redis.ping()).toBe('PONG');
  expect(redis.stream.localPort).toBe(port);
  redis.disconnect();
}, 20_000);

test('a write at a replica ends with READONLY and a new connection, and is not sent again', async () => {
  await using primary = await startRedis();
  await using replica = await startRedis(['--save', '', '--replicaof', `127.0.0.1 ${new URL(primary.url).port}`]);
  const redis = connectRedis(addressOf(replica.url), 'command', 'readonly', () => undefined);
  await whenReady(redis);
  const port = redis.stream.localPort;
  await expect(redis.incr('n')).rejects.toThrow('READONLY');
  await until(() => redis.status === 'ready' && redis.stream.localPort !== port, 5_000, 'it is connected again');
  const admin = connectRedis(addressOf(primary.url), 'command', 'admin', () => undefined);
  await whenReady(admin);
  expect(await admin.exists('n')).toBe(0);
  redis.disconnect();
  admin.disconnect();
}, 20_000);
