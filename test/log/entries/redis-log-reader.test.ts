import { expect, inject, test, vi } from 'vitest';
import { bodyOf, openEditionLog } from '../edition-log.ts';

test('a read of older items has at most 16 of them under way, and returns all in order', async () => {
  await using log = await openEditionLog(inject('redisUrl'));
  const ids = Array.from({ length: 40 }, () => log.newId());
  for (const itemId of ids) await log.run({ action: 'publish', itemId, body: bodyOf('A line') });
  const { hgetall } = log.redis;
  let underWay = 0;
  let most = 0;
  vi.spyOn(log.redis, 'hgetall').mockImplementation(async (key) => {
    most = Math.max(most, ++underWay);
    const record = await hgetall.call(log.redis, key);
    underWay--;
    return record;
  });
  const { items, looked } = await log.reader.history('en', 10_000, 40);
  expect(items.map(({ item }) => item.id)).toEqual(ids.toReversed());
  expect([looked, most]).toEqual([40, 16]);
});
