import { expect, test } from 'vitest';
import { EditionLoads, LoadTurns } from '../../../src/fanout/edition/load-turns.ts';
import { replicaLimits } from '../../../src/fanout/edition/replica.ts';
import { systemClock } from '../../../src/fanout/scheduling/clock.ts';
import { createLogReader } from '../../../src/log/entries/redis-log-reader.ts';
import { connectRedis, whenReady } from '../../../src/ops/redis/redis.ts';
import { bodyOf, openEditionLog } from '../../log/edition-log.ts';
import { addressOf, startRedis } from '../../resources/redis-server.ts';

test('300 editions that reload at once while Redis does not answer for 3 s all load afterwards', async () => {
  await using server = await startRedis(); // the pause is for every client
  await using log = await openEditionLog(server.url);
  for (let n = 0; n < 40; n++) await log.run({ action: 'publish', itemId: log.newId(), body: bodyOf(`Line ${n}`) });
  const processes = 10;
  let failed = 0;
  const connections = Array.from({ length: processes }, () =>
    connectRedis(addressOf(server.url), 'command', 'storm', () => undefined),
  );
  await Promise.all(connections.map(whenReady));
  const loadAll = (redis: (typeof connections)[number]) => {
    const reader = createLogReader({ redis, prefix: log.prefix });
    const turns = new LoadTurns(systemClock, () => processes);
    const load = async () => {
      const loads = new EditionLoads(turns);
      for (;;) {
        try {
          return await loads.read(() => reader.load('en', replicaLimits), false);
        } catch {
          failed++;
          // As a check of the head, once a second.
          do await new Promise((resolve) => setTimeout(resolve, 1_000));
          while (!loads.mayTry());
        }
      }
    };
    return Promise.all(Array.from({ length: 300 / processes }, load));
  };
  await log.redis.call('CLIENT', 'PAUSE', '3000', 'ALL');
  const states = (await Promise.all(connections.map(loadAll))).flat();
  for (const redis of connections) redis.disconnect();
  expect(states.map(({ items, entries }) => [items.length, entries.length])).toEqual(Array(300).fill([40, 40]));
  expect(failed).toBeGreaterThan(0);
}, 120_000);
