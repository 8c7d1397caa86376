import { expect, test } from 'vitest';
import { findingsOfAll } from '../../../src/ops/redis/redis-setup.ts';

const info = {
  redis_version: '7.0.15',
  role: 'master',
  maxmemory_policy: 'noeviction',
  aof_enabled: '1',
  maxmemory: '1000',
};
const guarded = { appendfsync: 'always', 'min-replicas-to-write': '1', 'min-replicas-max-lag': '2' };
const open = { ...guarded, 'min-replicas-to-write': '0', 'min-replicas-max-lag': '10' };

test.each([
  ['alone', '0', open, false, []],
  ['with a replica and the guard', '1', guarded, false, []],
  ['with a replica and no guard', '1', open, false, ['weak: set min-replicas-to-write 1']],
  [
    'with a guard that comes late',
    '1',
    { ...open, 'min-replicas-to-write': '1' },
    true,
    ['weak: set min-replicas-max-lag 2 (it is 10'],
  ],
  ['with Sentinels and the guard', '0', guarded, true, []],
  [
    'with Sentinels and a guard without a limit',
    '0',
    { ...guarded, 'min-replicas-max-lag': '0' },
    true,
    ['fatal: set min-replicas-max-lag 2 (it is 0'],
  ],
  [
    'with a replica and a guard without a limit',
    '1',
    { ...guarded, 'min-replicas-max-lag': '0' },
    false,
    ['weak: set min-replicas-max-lag 2 (it is 0'],
  ],
  ['with Sentinels and hidden settings', '0', null, true, []],
  ['with Sentinels and no guard', '0', open, true, ['fatal: set min-replicas-to-write 1']],
])('a primary %s has the findings that fit', (_, replicas, config, hasFailover, expected) => {
  const findings = findingsOfAll([{ info: { ...info, connected_slaves: replicas }, config, shards: 1 }], hasFailover);
  const lines = findings.map(({ weight, change }) => `${weight}: ${change}`);
  expect(lines).toEqual(expected.map((begin) => expect.stringContaining(begin)));
});
