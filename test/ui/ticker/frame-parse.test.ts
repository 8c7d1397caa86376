import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFrame as parseStrictly } from '../../../src/protocol/frame-parse.ts';
import { parseFrame } from '../../../src/ui/ticker/frame-parse.ts';
import { beat, itemAt, itemFrame, removal, resumed, snapshot } from '../../client/frames.ts';

const tombstone = { ...itemAt(4), status: 'retracted', notice: 'Withdrawn.' };
const frames = [
  snapshot(5, [itemAt(5), tombstone]),
  resumed(5, 2),
  itemFrame(6, 5),
  itemFrame(7, 6, itemAt(6, { version: 2 }), 'corrected'),
  removal(8, 7, 'item-6', 3),
  removal(9, 8, 'item-4', 2, { notice: 'Withdrawn.', tombstone }),
  beat(9, 9, true),
  { ...beat(9, 9), retry: { afterMs: 5, withinMs: 1e12 } },
  { type: 'reconnect', afterMs: 1e12, withinMs: 'soon' },
];

test("the ticker's parser reads every frame as the SDK's does", () => {
  for (const frame of frames) {
    const text = JSON.stringify(frame);
    expect(parseFrame(text)).toMatchObject({ ...parseStrictly(text) });
  }
});

test("the ticker's parser passes only whole positions and lists on, whatever one field of a frame is", () => {
  // An empty id or epoch names nothing. Only the ticker's parser refuses it.
  const value = fc.jsonValue().filter((json) => json !== '');
  const changed = fc.record({ frame: fc.constantFrom(...frames), value, pick: fc.nat() });
  fc.assert(
    fc.property(changed, ({ frame, value, pick }) => {
      const names = ['type', 'epoch', 'seq', 'prev', 'items', 'item', 'id', 'version', 'beatMs', 'retry'];
      const text = JSON.stringify({ ...frame, [names[pick % names.length] ?? '']: value });
      const [mine, strict] = [parseFrame(text), parseStrictly(text)];
      if (mine === null) return strict === null;
      // Timers and positions are numbers, lists are lists of items with places.
      const { seq, prev, beatMs, retry } = { seq: 0, prev: 0, ...mine } as Record<string, unknown>;
      const { afterMs = 0, withinMs = 0 } = (retry ?? {}) as Record<string, unknown>;
      const items = mine.type === 'snapshot' ? mine.items : [];
      const isTimed = mine.type === 'snapshot' || mine.type === 'resumed';
      const numbers = [
        seq ?? 0,
        prev ?? 0,
        isTimed ? beatMs : 0,
        afterMs,
        withinMs,
        ...items.map(({ place }) => place),
      ];
      return numbers.every((number) => Number.isSafeInteger(number) && Number(number) >= 0);
    }),
    { numRuns: 500 },
  );
});

test("the ticker's parser throws on no text", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseFrame(text) !== undefined));
});
