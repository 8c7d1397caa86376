import { expect, inject, test, vi } from 'vitest';
import { bodyOf, openEditionLog } from '../edition-log.ts';

test('a read of older items has at most 16 of them under way, and returns all in order', async () => {
  await using log = await openEditionLog(inject('redisUrl'));
  const ids = Array.from({ length: 40 }, () => log.newId());
  for (const itemId of ids) await log.run({ action: 'publish', itemId, body: bodyOf('A line') });
  const pipeline = log.redis.pipeline.bind(log.redis);
  let underWay = 0;
  let most = 0;
  vi.spyOn(log.redis, 'pipeline').mockImplementation(() => {
    const packet = pipeline();
    const exec = packet.exec.bind(packet);
    packet.exec = async () => {
      underWay += packet.length;
      most = Math.max(most, underWay);
      return exec().finally(() => {
        underWay -= packet.length;
      });
    };
    return packet;
  });
  const { items, looked } = await log.reader.history('en', 10_000, 40);
  expect(items.map(({ item }) => item.id)).toEqual(ids.toReversed());
  expect([looked, most]).toEqual([40, 16]);
});
