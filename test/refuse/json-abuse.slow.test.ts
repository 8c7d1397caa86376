import { expect, inject, test } from 'vitest';
import { startFlashwire } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { heldMb, inspected } from './clients/held.ts';
import { deep, keys, post, within } from './clients/json-client.ts';

test('four hundred of the worst bodies, several at a time, leave nothing in memory', async () => {
  await using api = await startFlashwire('api', {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_POST_RATE: '100000',
    ...inspected,
  });
  const worst = [
    within(`"topics":${deep(16_000, '[', ']')}`),
    `{${keys(4_000)}}`,
    `${'{"a":'.repeat(5_400)}1${'}'.repeat(5_400)}`,
    within(`"x":"${'x'.repeat(2_000_000)}"`),
  ];
  const before = await heldMb(api);
  const left = Array.from({ length: 400 }, (_, at) => worst[at % worst.length] ?? '').values();
  const statuses = new Set<number>();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const body of left) statuses.add((await post(api.url, body)).status);
    }),
  );
  expect([...statuses].sort()).toEqual([413, 422]);
  // The bodies are 12 MB of small ones and 200 MB of large ones.
  expect((await heldMb(api)) - before).toBeLessThan(5);
  expect(({} as Record<string, unknown>)['role']).toBeUndefined();
});
