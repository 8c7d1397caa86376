import { expect, inject, test } from 'vitest';
import { until } from '../resources/flashwire.ts';
import { openNewsroom } from '../resources/newsroom.ts';

test('a damaged edition refuses no command, and appends them once it is repaired', async () => {
  await using newsroom = await openNewsroom(inject('redisUrl'));
  const shown = `${newsroom.prefix}:{en}:shown`;
  await newsroom.redis.set(shown, 'not a list of items');
  const commandId = await newsroom.ask({ action: 'publish', itemId: newsroom.newId() });
  const workers = await newsroom.work();
  await until(() => workers.counters.failedAttempts >= 6, 15_000, 'six attempts have failed');
  expect(workers.counters.overdueSeconds['en']).toBeGreaterThan(1);
  expect(await newsroom.desk.status('en', commandId)).toMatchObject({ state: 'queued' });
  await newsroom.redis.del(shown);
  expect(await newsroom.outcome(commandId, 10_000)).toMatchObject({ state: 'published', seq: 1 });
  await until(() => workers.counters.overdueSeconds['en'] === 0, 5_000, 'nothing is overdue any more');
});
