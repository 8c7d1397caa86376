import { expect, test } from 'vitest';
import { durabilityOf, type RedisNode, replicasNeeded } from '../../../src/ops/redis/durability.ts';

const node = (more: Partial<RedisNode> = {}): RedisNode => ({ at: 'b:6379', isInSync: true, fsync: 'always', ...more });
const primary = node({ at: 'a:6379' });
const replicated = { mode: 'replicated', stated: undefined } as const;

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
  ['without a replica', replicated, 1, primary, [], 'single', 'there is no replica'],
  ['without a replica and fsync', replicated, 1, node({ fsync: 'off' }), [], 'single', 'appendfsync is off at b:6379'],
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
  [
    'that no acceptance waits for',
    { ...replicated, mode: 'local' },
    2,
    primary,
    [node()],
    'weak',
    'FLASHWIRE_DURABILITY is local',
  ],
  ['that hides its settings', replicated, 2, node({ fsync: null }), [], 'weak', 'say in FLASHWIRE_DURABILITY_STATED'],
  [
    'that hides them, and the operator says what it is',
    { ...replicated, stated: 'MemoryDB' },
    2,
    node({ fsync: null }),
    [],
    'stated',
    'MemoryDB',
  ],
  [
    'that shows its settings, whatever the operator says',
    { ...replicated, stated: 'MemoryDB' },
    1,
    primary,
    [],
    'single',
    'there is no replica',
  ],
] as const)('a Redis %s', (_, options, nodes, first, replicas, state, why) => {
  const durability = durabilityOf(options, nodes, first, replicas);
  expect(durability.state).toBe(state);
  expect(durability.why).toContain(why);
});
