import { once } from 'node:events';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { describe, expect, inject, test } from 'vitest';
import { fold } from '../../src/item/fold.ts';
import type { PublicItem } from '../../src/item/item.ts';
import { createLogReader } from '../../src/log/entries/redis-log-reader.ts';
import type { Filter } from '../../src/protocol/filter.ts';
import { HandFedEdition, parseLines } from '../fanout/edition-resource.ts';
import { filter, filters, type Step, steps, take } from '../fanout/lifecycle.ts';
import { MemoryLog } from '../fanout/memory-log.ts';
import { openNewsroom } from '../fanout/redis-newsroom.ts';
import { ownPrefix } from '../redis-server.ts';

const limit = 3;

describe('invariant 4: items at p, folded with the frames (p, q], are the items at q', () => {
  test('invariant 4 holds for every filter and lifecycle, for a client that stays and for one that resumes', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(...filters),
        fc.boolean(),
        fc.nat(),
        fc.nat(),
        async (taken, filter, isReloaded, a, b) => {
          await check(taken, filter, isReloaded, a, b);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('invariant 4 with a full replica', () => {
  const limits = { items: 5, entries: 50 };

  test.each([
    ['in the middle', ['item8']],
    ['the lowest', ['item5']],
    ['all but one', ['item5', 'item6', 'item7', 'item8']],
  ])('invariant 4 holds if items are withdrawn between the two reads of a load: %s', async (_, withdrawn) => {
    const prefix = ownPrefix();
    await using newsroom = await openNewsroom(inject('redisUrl'), prefix);
    for (let n = 1; n <= 9; n++) await newsroom.publish(`item${n}`, `Line ${n}`);
    const redis = new Redis(inject('redisUrl'));
    using _redis = { [Symbol.dispose]: () => redis.disconnect() };
    await once(redis, 'ready');
    const reader = createLogReader({ redis, prefix });
    const send = redis.sendCommand.bind(redis);
    redis.sendCommand = (command, ...rest) => {
      if (command.name !== 'zrevrange') return send(command, ...rest);
      redis.sendCommand = send;
      return (async () => {
        const places = await send(command, ...rest);
        for (const id of withdrawn) await newsroom.retract(id);
        return places;
      })();
    };
    const edition = new HandFedEdition();
    edition.load(await reader.load('en', limits), limits);
    const whole = async () => (await reader.load('en', { items: 1_000, entries: 50 })).items.map(({ item }) => item);
    const held = edition.replica.snapshot(filter(), 20);
    expect(held.more, 'item1 to item4 are shown and not held').toBe(true);
    expect(held.items).toEqual((await whole()).slice(0, 5 - withdrawn.length));
    // An item below the replica's lowest place stays out of it when another version arrives.
    await newsroom.withhold('item1');
    await newsroom.release('item1');
    for (const entry of (await reader.load('en', limits)).entries) edition.apply(entry);
    const after = edition.replica.snapshot(filter(), 20);
    expect(after).toEqual({ items: (await whole()).slice(0, 5 - withdrawn.length), more: true });
  });
});

async function check(taken: readonly Step[], filter: Filter, isReloaded: boolean, a: number, b: number): Promise<void> {
  const log = new MemoryLog();
  const edition = new HandFedEdition();
  const { feed, wire } = edition.wire(filter);
  await log.start({ onEntry: (_id, entry) => edition.apply(entry), onReady: () => undefined, onLost: () => undefined });
  const [from, to] = [a % taken.length, b % taken.length].sort((x, y) => x - y) as [number, number];
  for (const step of taken.slice(0, from)) take(log, step);
  const p = edition.replica.head;
  const before = edition.replica.snapshot(filter, limit);
  const lowest = before.more ? (before.items.at(-1)?.place ?? 0) : 0;
  let stayed = before.items;
  let cursor = p;
  for (const step of taken.slice(from, to + 1)) {
    take(log, step);
    feed.advance(edition.replica);
    stayed = foldAll(stayed, wire.batch(edition.replica, cursor).bytes);
    cursor = edition.replica.head;
  }
  const after = edition.replica.snapshot(filter, 1_000).items.filter((item) => item.place >= lowest);
  expect(heldFrom(stayed, lowest)).toEqual(after);

  if (isReloaded) edition.load(await log.load('en', { items: 1_000, entries: 1_024 }));
  const { feed: fresh, wire: freshWire } = edition.wire(filter);
  fresh.advance(edition.replica);
  const cameBack = foldAll(before.items, freshWire.batch(edition.replica, p).bytes);
  expect(heldFrom(cameBack, lowest)).toEqual(
    edition.replica.snapshot(filter, 1_000).items.filter((item) => item.place >= lowest),
  );
  expect(after).toEqual(edition.replica.snapshot(filter, 1_000).items.filter((item) => item.place >= lowest));
}

function foldAll(items: readonly PublicItem[], bytes: Buffer): readonly PublicItem[] {
  let folded = items;
  for (const frame of parseLines(bytes)) {
    if (frame.type === 'item' || frame.type === 'removal') folded = fold(folded, frame);
  }
  return folded;
}

function heldFrom(items: readonly PublicItem[], lowest: number): readonly PublicItem[] {
  return items.filter((item) => item.place >= lowest);
}
