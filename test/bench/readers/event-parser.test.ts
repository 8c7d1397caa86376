import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventParser } from '../../../bench/readers/event-parser.ts';
import { sseFraming } from '../../../src/fanout/feed/framing.ts';

test('every event comes out whole and in order however TCP cuts the bytes, and retry lines are none', () => {
  const payloads = fc.array(fc.string().map((text) => JSON.stringify({ text })));
  fc.assert(
    fc.property(payloads, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (parts, cuts) => {
      const events = parts.map((json, index) => sseFraming.frame('item', index % 2 ? `epochone:${index}` : '', json));
      const wire = Buffer.concat([...events, Buffer.from('retry: 500\n\n')]);
      const heard: string[] = [];
      const parser = new EventParser();
      for (let at = 0, turn = 0; at < wire.length; turn++) {
        const end = Math.min(wire.length, at + (cuts[turn % cuts.length] ?? 1));
        parser.push(wire, at, end, { onMessage: (_, bytes, from, to) => heard.push(bytes.toString('utf8', from, to)) });
        at = end;
      }
      expect(heard).toEqual(parts);
      expect(parser.isBetweenFrames).toBe(true);
    }),
  );
});
