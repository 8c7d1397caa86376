import { describe, expect, inject, test } from 'vitest';
import type { Entry } from '../../../src/log/entries/entry.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { HandFedEdition } from '../edition-resource.ts';
import { openFollowedLog } from '../followed-log.ts';
import { filter } from '../lifecycle.ts';

describe('invariant 4 with a full replica', () => {
  const limits = { items: 5, entries: 50 };

  test.each([
    ['in the middle', ['item8']],
    ['the lowest', ['item5']],
    ['all but one', ['item5', 'item6', 'item7', 'item8']],
  ])('invariant 4 holds if items are withdrawn between the two reads of a load: %s', async (_, withdrawn) => {
    await using written = await openFollowedLog(inject('redisUrl'));
    for (let n = 1; n <= 9; n++) await written.publish(`item${n}`, `Line ${n}`);
    const { redis, log } = written;
    const send = redis.sendCommand.bind(redis);
    redis.sendCommand = (command, ...rest) => {
      if (command.name !== 'zrevrange') return send(command, ...rest);
      redis.sendCommand = send;
      return (async () => {
        const places = await send(command, ...rest);
        for (const id of withdrawn) await written.retract(id);
        return places;
      })();
    };
    const edition = new HandFedEdition();
    edition.load(await log.load('en', limits), limits);
    const whole = async () => (await log.load('en', { items: 1_000, entries: 50 })).items.map(({ item }) => item);
    const held = edition.replica.snapshot(filter(), 20);
    expect(held.more, 'item1 to item4 are shown and not held').toBe(true);
    expect(held.items).toEqual((await whole()).slice(0, 5 - withdrawn.length));
    // An item below the replica's lowest place stays out of it when another version arrives.
    await written.withhold('item1');
    await written.release('item1');
    for (const entry of (await log.load('en', limits)).entries) edition.apply(entry);
    const after = edition.replica.snapshot(filter(), 20);
    expect(after).toEqual({ items: (await whole()).slice(0, 5 - withdrawn.length), more: true });
  });
});

test('entries and items of a topic are found from the first to the last of them, and none is looked at for an unknown topic', () => {
  const log = new MemoryLog();
  const edition = new HandFedEdition({ items: 3, entries: 4 });
  const storm = filter({ topics: ['storm'] });
  const apply = (entry: Entry | null) => entry && edition.apply(entry);
  const found = () => [edition.replica.mayTouch(storm), edition.replica.snapshot(storm, 9).items.length];
  apply(log.publish('a', facets(['politics'])));
  expect(found()).toEqual([false, 0]);
  apply(log.publish('b', facets(['politics'], { topics: ['storm'] })));
  apply(log.publish('c', facets(['politics'], { topics: ['storm', 'talks'] })));
  expect(found()).toEqual([true, 2]);
  apply(log.correct('b', facets(['politics'])));
  apply(log.withhold('c'));
  expect(found()).toEqual([true, 0]);
  for (const id of ['d', 'e', 'f', 'g']) apply(log.publish(id, facets()));
  expect(found()).toEqual([false, 0]);
});
