import { EventEmitter } from 'node:events';
import type { Cluster } from 'ioredis';
import { expect, test, vi } from 'vitest';
import {
  type Durability,
  type DurabilityOptions,
  durabilityOf,
  type RedisNode,
  replicasNeeded,
  watchDurability,
} from '../../../src/ops/redis/durability.ts';
import { parseRedisAddress } from '../../../src/ops/redis/redis-address.ts';

const node = (more: Partial<RedisNode> = {}): RedisNode => ({ at: 'b:6379', isInSync: true, fsync: 'always', ...more });
const primary = node({ at: 'a:6379' });
const replicated = { mode: 'replicated', stated: undefined } as const;
const local = { ...replicated, mode: 'local' } as const;
const stated = { ...local, stated: 'MemoryDB' } as const;

test.each([
  [1, 1],
  [2, 1],
  [3, 1],
  [4, 2],
  [5, 2],
])('of %d data nodes %d replicas have every acceptance', (nodes, needed) => {
  expect(replicasNeeded(nodes)).toBe(needed);
});

test.each([
  ['without a replica', local, 1, primary, [], 'single', 'there is no replica'],
  ['without a replica that should have one', replicated, 1, primary, [], 'weak', 'every POST is 504'],
  ['without a replica and fsync', local, 1, node({ fsync: 'off' }), [], 'single', 'appendfsync is off at b:6379'],
  ['with one of two replicas', replicated, 3, primary, [node()], 'replicated', '1 replicas are in sync'],
  [
    'with a late replica only',
    replicated,
    3,
    primary,
    [node({ isInSync: false })],
    'weak',
    '0 replicas are in sync, 1 are needed',
  ],
  ['with two of five nodes', replicated, 5, primary, [node()], 'weak', '1 replicas are in sync, 2 are needed'],
  ['after its replicas are gone', replicated, 3, primary, [], 'weak', '0 replicas are in sync'],
  [
    'with a replica that syncs seldom',
    replicated,
    2,
    primary,
    [node({ fsync: 'everysec' })],
    'weak',
    'appendfsync is everysec at b:6379',
  ],
  ['that no acceptance waits for', local, 2, primary, [node()], 'weak', 'FLASHWIRE_DURABILITY is local'],
  [
    'with a replica out of reach of the api',
    replicated,
    2,
    primary,
    [node({ fsync: 'unreached' })],
    'weak',
    'the replica at b:6379 cannot be reached from the api',
  ],
  [
    'that hides its settings',
    replicated,
    2,
    node({ fsync: 'hidden' }),
    [node()],
    'weak',
    'say in FLASHWIRE_DURABILITY_STATED',
  ],
  ['that hides them, and the operator says what it is', stated, 1, node({ fsync: 'hidden' }), [], 'stated', 'MemoryDB'],
  [
    'that hides them and has no replica in sync, whatever the operator says',
    { ...stated, mode: 'replicated' },
    2,
    node({ fsync: 'hidden' }),
    [node({ isInSync: false })],
    'weak',
    '0 replicas are in sync',
  ],
  [
    'that hides them and has a replica without fsync, whatever the operator says',
    stated,
    2,
    node({ fsync: 'hidden' }),
    [node({ fsync: 'no' })],
    'weak',
    'appendfsync is no at b:6379',
  ],
  [
    'that does not sync, with a replica out of reach, whatever the operator says',
    stated,
    2,
    node({ fsync: 'no' }),
    [node({ fsync: 'unreached' })],
    'weak',
    'appendfsync is no',
  ],
  ['that shows its settings, whatever the operator says', stated, 1, primary, [], 'single', 'there is no replica'],
] as const)('a Redis %s', (_, options, nodes, first, replicas, state, why) => {
  const durability = durabilityOf(options, nodes, first, replicas);
  expect(durability.state).toBe(state);
  expect(durability.why).toContain(why);
});

/** A primary of a cluster. Nothing listens at its replicas. */
class Primary {
  fsync = 'always';
  lags: readonly number[] = [];
  isLost = false;

  async info(): Promise<string> {
    if (this.isLost) throw new Error('Connection is closed.');
    return this.lags.map((lag, nth) => `slave${nth}:ip=127.0.0.1,port=1,state=online,lag=${lag}`).join('\r\n');
  }

  async config(): Promise<readonly string[]> {
    return ['appendonly', 'yes', 'appendfsync', this.fsync];
  }
}

function watch(primaries: readonly Primary[], options: DurabilityOptions, url = 'redis-cluster://127.0.0.1:1') {
  const cluster = Object.assign(new EventEmitter(), { nodes: () => primaries });
  const changes: string[] = [];
  const address = parseRedisAddress({ REDIS_URL: url });
  const onChange = ({ state, why }: Durability) => changes.push(`${state}: ${why}`);
  const watched = watchDurability(cluster as unknown as Cluster, address, options, onChange);
  const sees = async (why: string) => {
    cluster.emit('ready');
    await vi.waitFor(() => expect(watched.durability()?.why).toContain(why), { timeout: 5_000, interval: 10 });
  };
  return { watched, changes, sees, [Symbol.dispose]: () => watched.stop() };
}

test('how many replicas are needed is not known before a look at every primary', async () => {
  const [first, second] = [new Primary(), new Primary()];
  first.lags = [0, 0, 0];
  second.isLost = true;
  using cluster = watch([first, second], replicated);
  expect(cluster.watched.replicasNeeded()).toBeNull();
  await cluster.sees('a primary of the cluster does not answer');
  expect(cluster.watched.replicasNeeded()).toBeNull();
  second.isLost = false;
  second.lags = [0];
  await vi.waitFor(() => expect(cluster.watched.replicasNeeded()).toBe(2), { timeout: 5_000, interval: 10 });
});

test('a lost primary is weak, and what was known of it stays', async () => {
  const [first, second] = [new Primary(), new Primary()];
  first.lags = [0];
  second.lags = [0, 0, 0];
  using cluster = watch([first, second], replicated);
  await cluster.sees('1 replicas are in sync, 2 are needed');
  first.lags = [0, 0, 0];
  second.isLost = true;
  await cluster.sees('a primary of the cluster does not answer');
  expect(cluster.watched.durability()?.state).toBe('weak');
  expect(cluster.watched.replicasNeeded()).toBe(2);
});

test('without an answer of a Sentinel the number of replicas is not known', async () => {
  const primary = new Primary();
  primary.lags = [0];
  using redis = watch([primary], replicated, 'redis-sentinel://127.0.0.1:1/0#flash');
  await redis.sees('');
  expect(redis.watched.replicasNeeded()).toBeNull();
  expect(redis.watched.durability()?.why).toContain('+sentinel|master');
});

test('another reason is told, another number of replicas is not', async () => {
  const primary = new Primary();
  primary.lags = [9, 9, 9];
  using redis = watch([primary], replicated);
  await redis.sees('0 replicas are in sync, 2 are needed');
  primary.lags = [0, 9, 9];
  await redis.sees('1 replicas are in sync, 2 are needed');
  primary.lags = [0, 0, 0];
  primary.fsync = 'everysec';
  await redis.sees('appendfsync is everysec');
  expect(redis.changes).toEqual([expect.stringContaining('0 replicas'), expect.stringContaining('everysec')]);
});
