import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold } from '../../src/item/fold.ts';
import type { PublicItem } from '../../src/item/item.ts';
import type { Filter } from '../../src/protocol/filter.ts';
import { HandFedEdition, parseLines } from '../fanout/edition-resource.ts';
import { filters, type Step, steps, take } from '../fanout/lifecycle.ts';
import { MemoryLog } from '../resources/memory-log.ts';

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
      { numRuns: 300 },
    );
  });
});

async function check(taken: readonly Step[], filter: Filter, isReloaded: boolean, a: number, b: number): Promise<void> {
  const log = new MemoryLog();
  const edition = new HandFedEdition();
  const { feed, wire } = edition.wire(filter);
  log.applyTo(edition);
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
