import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { fuzz } from '../../../torture/fuzz/fuzz.ts';
import { mutated } from '../../../torture/fuzz/mutate.ts';
import { startFlashwire } from '../../resources/flashwire.ts';
import { ownPrefix } from '../../resources/redis-server.ts';

test('whatever comes, no parser throws, no answer is a 5xx, and the processes stay', async () => {
  const env = {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_POST_RATE: '100000',
  };
  await using site = await startFlashwire('all', env);
  const result = await fuzz({
    seed: 6,
    cases: 4_000,
    wireShare: 0.1,
    apiUrl: site.url,
    feedUrl: site.url,
    pids: [site.child.pid ?? 0],
  });
  expect(result).toMatchObject({ cases: 4_000, fiveHundreds: [], crashes: [], malformed: [] });
  expect(Object.values(result.byTarget).every((cases) => cases > 0)).toBe(true);
  expect(Object.keys(result.byStatus)).toEqual(expect.arrayContaining(['101', '200', '400', '401', '404', '422']));
  expect(result.maxRssMb).toBeLessThan(300);
});

test('a mutation of nested arrays and objects never throws', () => {
  const valid = fc.constant([1, [2, 'three'], { four: [5] }]);
  expect(() => fc.sample(mutated(valid), { numRuns: 5_000, seed: 1 })).not.toThrow();
});
