import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFrame } from '../../src/protocol/frame-parse.ts';
import { beat, itemAt, itemFrame, removal, snapshot } from '../client/frames.ts';

describe('parseFrame', () => {
  test('parseFrame does not throw on any text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseFrame(text) !== undefined));
  });

  test('parseFrame does not throw on any value of any field', () => {
    const frames = [snapshot(5, [itemAt(5)]), itemFrame(6, 5), removal(7, 6, 'item-5', 2), beat(8, 7)];
    const changed = fc.record({
      frame: fc.constantFrom(...frames),
      name: fc.string(),
      value: fc.jsonValue(),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(changed, ({ frame, name, value, pick }) => {
        const names = [...Object.keys(frame), name];
        const text = JSON.stringify({ ...frame, [names[pick % names.length] ?? name]: value });
        return parseFrame(text) !== undefined;
      }),
    );
  });

  test('parseFrame returns null for a text without a position', () => {
    const texts = [
      '',
      'null',
      '[]',
      '7',
      '{"seq":1}',
      '{"type":"item","prev":1,"item":{}}',
      '{"type":"snapshot","seq":1}',
      '{"type":"beat","seq":-1,"prev":0}',
    ];
    expect(texts.map(parseFrame)).toEqual(texts.map(() => null));
  });

  test('GE-2: parseFrame leaves out unknown fields', () => {
    const text = JSON.stringify({ ...itemFrame(6, 5, { ...itemAt(6), mood: 'calm' }), weight: 3 });
    expect(parseFrame(text)).toEqual(itemFrame(6, 5, itemAt(6)));
  });

  test('parseFrame leaves an invalid item out of a snapshot', () => {
    const frame = parseFrame(JSON.stringify(snapshot(5, [itemAt(5), { id: 'broken' }, itemAt(3)])));
    expect(frame).toMatchObject({ type: 'snapshot', items: [{ place: 5 }, { place: 3 }] });
  });

  test('parseFrame bounds the delays that a server can ask for', () => {
    expect(parseFrame('{"type":"reconnect","afterMs":1e12,"withinMs":"soon"}')).toEqual({
      type: 'reconnect',
      afterMs: 600_000,
      withinMs: 4_000,
    });
  });
});
