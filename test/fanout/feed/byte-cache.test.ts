import { beforeEach, describe, expect, test } from 'vitest';
import { ItemTexts } from '../../../src/fanout/edition/edition.ts';
import { budgetBytes, createFeedBudgets, type FeedBudgets } from '../../../src/fanout/feed/budgets.ts';
import { ByteBudget, ByteCache } from '../../../src/fanout/feed/byte-cache.ts';
import { Feeds } from '../../../src/fanout/feed/feeds.ts';
import { wsFraming } from '../../../src/fanout/feed/framing.ts';
import type { Filter } from '../../../src/protocol/filter.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { HandFedEdition } from '../edition-resource.ts';
import { filter } from '../lifecycle.ts';

const terms = { beatMs: 20_000, stale: false, retry: { afterMs: 0, withinMs: 1_000 } };
const entries = 300;

let edition: HandFedEdition;
let budgets: FeedBudgets;
let feeds: Feeds;
let log: MemoryLog;

beforeEach(() => {
  edition = new HandFedEdition();
  log = new MemoryLog();
  log.applyTo(edition);
  for (let n = 0; n < entries; n++) log.publish(`i${n}`, facets(), `${'x'.repeat(1_000)} ${n}`);
  budgets = createFeedBudgets();
  const context = { texts: new ItemTexts(), budgets, terms: () => terms, onTouched: () => undefined };
  feeds = new Feeds({ feeds: 4_096, idleMs: 60_000 }, { ...context, isPlain: ({ topics }) => topics.length === 0 });
});

function open(of: Filter) {
  const opened = feeds.open(edition, of, wsFraming, 0);
  if (!opened) throw new Error('no room for another feed');
  opened.feed.advance(edition.replica);
  return opened;
}

describe('byte cache', () => {
  const piece = (size: number) => ({ bytes: Buffer.alloc(size) });

  test('caches with one budget keep the entries that were used last', () => {
    const budget = new ByteBudget(30_000);
    const [one, two] = [
      new ByteCache<number, { bytes: Buffer }>(budget),
      new ByteCache<number, { bytes: Buffer }>(budget),
    ];
    one.set(1, piece(9_000));
    two.set(1, piece(9_000));
    one.set(2, piece(9_000));
    expect(one.get(1)).toBeDefined();
    two.set(2, piece(9_000));
    expect([one.get(1), one.get(2), two.get(1), two.get(2)].map((kept) => kept !== undefined)).toEqual([
      true,
      true,
      false,
      true,
    ]);
    one.clear();
    two.delete(2);
    expect(budget.used).toBe(0);
  });

  test('caches never hold more than their budget, and never an entry that is larger than it', () => {
    const budget = new ByteBudget(10_000);
    const map = new ByteCache<number, { bytes: Buffer }>(budget);
    for (let n = 0; n < 100; n++) {
      map.set(n, piece(n * 50));
      expect(budget.used).toBeLessThanOrEqual(10_000);
    }
    expect(map.set(0, piece(20_000)).bytes).toHaveLength(20_000);
    expect([map.get(0), map.size, budget.used]).toEqual([undefined, 0, 0]);
  });

  test('a cached Buffer does not keep the slab of other Buffers alive', () => {
    const map = new ByteCache<number, { bytes: Buffer }>(new ByteBudget(10_000));
    const small = Buffer.from('a piece of a slab');
    expect(small.buffer.byteLength).toBeGreaterThan(small.length);
    expect(map.set(1, { bytes: small }).bytes.buffer.byteLength).toBe(small.length);
    expect(map.get(1)?.bytes.toString()).toBe('a piece of a slab');
  });
});

describe('bytes of a feed', () => {
  test('readers share snapshots and batches, whatever positions others resume from', () => {
    const { wire } = open(filter());
    const shared = () => [
      wire.snapshot(edition.replica, 20, 'start'),
      wire.snapshot(edition.replica, 50, 'gap'),
      wire.batch(edition.replica, entries - 1),
    ];
    const before = shared();
    for (let n = 0; n < entries - 1; n++) {
      for (const cursor of [n, n]) wire.resumed(edition.replica, cursor);
      wire.batch(edition.replica, n);
    }
    for (const [index, batch] of shared().entries()) expect(batch).toBe(before[index]);
  });

  test('an answer to a resume is cached from the second reader on', () => {
    const { wire } = open(filter());
    for (let n = 0; n < entries; n++) wire.resumed(edition.replica, n);
    expect(budgets.resumed.used).toBe(0);
    const [, second, third] = [1, 2, 3].map(() => wire.resumed(edition.replica, 10));
    expect(second).toBe(third);
    const [, again, once] = [1, 2, 3].map(() => wire.batch(edition.replica, 10));
    expect(again).toBe(once);
    expect(budgets.resumed.used).toBeGreaterThan(2 * 64 * 1_024);
  });

  test('cached bytes stay within the budgets, however many filters and positions clients ask for', () => {
    for (let n = 0; n < 200; n++) {
      const { wire } = open(filter({ sections: ['politics'], regions: [`r${n}`, 'europe'] }));
      for (const limit of [20, 50]) wire.snapshot(edition.replica, limit, 'start');
      for (const cursor of [n, n, n + 1, n + 1]) wire.resumed(edition.replica, cursor);
    }
    expect(budgets.resumed.used).toBeLessThanOrEqual(budgetBytes.resumed);
    expect(budgets.shared.used).toBeLessThanOrEqual(budgetBytes.shared);
    expect(budgets.resumed.used).toBeGreaterThan(budgetBytes.resumed / 2);
  });

  test('cached bytes are dropped with their feed, or at the next change if the feed has no reader', () => {
    const made = open(filter({ topics: ['made-up', 'x'] }));
    const plain = open(filter());
    for (const { wire } of [made, plain]) wire.snapshot(edition.replica, 20, 'start');
    for (const cursor of [0, 0]) plain.wire.resumed(edition.replica, cursor);
    feeds.forgetIdle('en');
    expect([budgets.shared.used, budgets.resumed.used]).toEqual([0, 0]);
    made.wire.snapshot(edition.replica, 20, 'start');
    feeds.expire(60_000);
    expect(budgets.shared.used).toBe(0);
  });
});
