import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cursor, follow, startCursor } from '../../src/client/cursor.ts';
import { parseFrame, type ReceivedFrame } from '../../src/protocol/frame-parse.ts';
import { beat, itemAt, itemFrame, removal, resumed, snapshot } from './frames.ts';

function frame(value: object): ReceivedFrame {
  const parsed = parseFrame(JSON.stringify(value));
  if (!parsed) throw new Error(`not a frame: ${JSON.stringify(value)}`);
  return parsed;
}

function at(seq: number, items = [itemAt(9), itemAt(7)]): Cursor {
  return follow(startCursor(null), frame(snapshot(seq, items)), 40) ?? startCursor(null);
}

describe("the client's rule at position 10", () => {
  const rows: readonly [name: string, frame: object, type: string, seq: number][] = [
    ['CR-5: an entry at the position is ignored', itemFrame(10, 9), 'ignored', 10],
    ['CR-5: an older entry is ignored even when its prev is older too', itemFrame(4, 3), 'ignored', 10],
    ['CR-7: the next entry is applied', itemFrame(11, 10), 'applied', 11],
    ['CR-7: an entry whose prev lies before the position is applied', itemFrame(15, 8), 'applied', 15],
    ['CR-6: an entry whose prev lies after the position is a gap', itemFrame(15, 12), 'gap', 10],
    ['CR-6: a removal follows the same rule', removal(12, 11, 'item-9', 2), 'gap', 10],
    ['CR-8: a beat advances', beat(30, 10), 'applied', 30],
    ['CR-6: a beat after a lost entry is a gap', beat(30, 20), 'gap', 10],
    ['CR-8: a beat at the position itself is applied for its stale', beat(10, 9, true), 'applied', 10],
    ['CR-8: a beat from behind never moves the position back', beat(6, 5), 'applied', 10],
    ['CR-9: an unknown type counts with its seq', { type: 'poll', seq: 11, prev: 10 }, 'applied', 11],
    ['CR-9: an unknown type can show a gap', { type: 'poll', seq: 13, prev: 12 }, 'gap', 10],
    ['CR-10: an unknown type without a seq is ignored', { type: 'advice' }, 'ignored', 10],
    [
      'CR-9: an item that cannot be read counts with its seq',
      { type: 'item', seq: 11, prev: 10, item: 7 },
      'applied',
      11,
    ],
    ['CR-1: a snapshot of an earlier position in the same epoch is ignored', snapshot(8, []), 'ignored', 10],
    [
      'CR-2: a snapshot of another epoch is applied, whatever its seq',
      snapshot(2, [], { epoch: 'zzzz9999' }),
      'applied',
      2,
    ],
    ['CR-3: resumed keeps the position', resumed(10, 2), 'applied', 10],
    ['CR-4: resumed in another epoch is a gap', resumed(10, 0, { epoch: 'zzzz9999' }), 'gap', 10],
    ['CR-4: resumed ahead of the client is a gap', resumed(12, 0), 'gap', 10],
  ];
  test.each(rows)('%s', (_name, value, type, seq) => {
    const before = at(10);
    const next = follow(before, frame(value), 40);
    expect(next === null ? 'gap' : next === before ? 'ignored' : 'applied').toBe(type);
    expect((next ?? before).position?.seq).toBe(seq);
  });
});

describe('the list of a cursor', () => {
  const apply = (cursor: Cursor, value: object) => follow(cursor, frame(value), 4) ?? cursor;

  test('RM-2: a removal for an unknown reason removes the item', () => {
    const cursor = apply(at(10), removal(11, 10, 'item-9', 2, { reason: 'eclipse' }));
    expect(cursor.items.map((item) => item.id)).toEqual(['item-7']);
  });

  test('RM-4: a notice takes the place of a retracted item, without its text', () => {
    const cursor = apply(at(10), removal(11, 10, 'item-9', 2, { notice: 'A line about the strike was withdrawn.' }));
    expect(cursor.items[0]).toMatchObject({
      id: 'item-9',
      place: 9,
      status: 'retracted',
      notice: 'A line about the strike was withdrawn.',
    });
    expect(JSON.stringify(cursor.items[0])).not.toContain('Headline number 9');
  });

  test('CR-14: an old item that is released below the end of the list is not shown', () => {
    const cursor = apply(startCursor(null), snapshot(10, [itemAt(9), itemAt(7)], { more: true }));
    const after = apply(cursor, itemFrame(11, 10, itemAt(3, { version: 3 }), 'released'));
    expect(after.items.map((item) => item.place)).toEqual([9, 7]);
    expect(after.position?.seq).toBe(11);
  });

  test('the list keeps its limit, and does not show an item below those it dropped', () => {
    const full = [11, 12, 13, 14].reduce((cursor, seq) => apply(cursor, itemFrame(seq, seq - 1)), at(10));
    expect(full.items.map((item) => item.place)).toEqual([14, 13, 12, 11]);
    expect(full.floor).toBe(11);
    const shorter = apply(full, removal(15, 14, 'item-12', 2));
    const corrected = apply(shorter, itemFrame(16, 15, itemAt(9, { version: 2 }), 'corrected'));
    expect(corrected.items.map((item) => item.place)).toEqual([14, 13, 11]);
  });

  test('missed frames are counted down, and a beat ends the count', () => {
    const catchingUp = apply(at(10), resumed(10, 2));
    expect(catchingUp.missing).toBe(2);
    expect(apply(catchingUp, itemFrame(11, 10)).missing).toBe(1);
    expect(apply(catchingUp, beat(10, 10)).missing).toBe(0);
  });

  test('repeated entries lead to the same items', () => {
    const entries = [
      itemFrame(11, 10),
      itemFrame(12, 11, itemAt(9, { version: 2, headline: 'Corrected' }), 'corrected'),
      removal(13, 12, 'item-7', 2),
      itemFrame(14, 13),
    ];
    const straight = entries.reduce((cursor, entry) => apply(cursor, entry), at(10));
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 20 }), (noise) => {
        // A client that has lost entries reconnects with `since`, and receives every entry after it again.
        const delivered = [...noise, 0, 1, 2, 3].flatMap((index) => entries[index] ?? []);
        const cursor = delivered.reduce((reached, entry) => apply(reached, entry), at(10));
        expect(cursor.items).toEqual(straight.items);
        expect(cursor.position).toEqual(straight.position);
      }),
    );
  });
});
