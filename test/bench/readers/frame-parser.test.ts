import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameError, FrameParser } from '../../../bench/readers/frame-parser.ts';
import type { MessageSink } from '../../../bench/readers/message-parser.ts';
import { serverFrame } from '../wire.ts';

class Collected implements MessageSink {
  readonly messages: { opcode: number; text: string }[] = [];

  onMessage(opcode: number, bytes: Buffer, start: number, end: number): void {
    this.messages.push({ opcode, text: bytes.toString('latin1', start, end) });
  }
}

/** Lengths on both sides of those where the header changes. fast-check chooses a seed for the bytes: 65,536 choices take it long. */
const payloads = fc
  .tuple(fc.oneof(fc.nat(130), fc.integer({ min: 65_530, max: 65_540 })), fc.nat())
  .map(([length, seed]) => Buffer.from(Array.from({ length }, (_, at) => (seed + at * 2_654_435_761) >>> 8)));

test('every message comes out whole and in order however TCP cuts the bytes', () => {
  fc.assert(
    fc.property(
      fc.array(payloads, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1 }),
      (parts, cuts) => {
        const wire = Buffer.concat(parts.map((part) => serverFrame(part)));
        const collected = new Collected();
        feed(wire, cuts, collected);
        expect(collected.messages).toEqual(parts.map((part) => ({ opcode: 1, text: part.toString('latin1') })));
      },
    ),
    { numRuns: 60 },
  );
});

test('a fragmented message is joined and a ping between its fragments is not lost', () => {
  const wire = Buffer.concat([
    serverFrame(Buffer.from('{"type":'), 1, false),
    serverFrame(Buffer.from('now'), 9),
    serverFrame(Buffer.from('"beat"'), 0, false),
    serverFrame(Buffer.from('}'), 0),
  ]);
  for (let cut = 1; cut <= wire.length; cut++) {
    const collected = new Collected();
    feed(wire, [cut], collected);
    expect(collected.messages).toEqual([
      { opcode: 9, text: 'now' },
      { opcode: 1, text: '{"type":"beat"}' },
    ]);
  }
});

test.each([
  ['a masked frame', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 65])],
  ['reserved bits', Buffer.from([0xc1, 1, 65])],
  ['a frame of many gigabytes', Buffer.from([0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0])],
  ['a continuation of nothing', Buffer.from([0x80, 1, 65])],
  ['a message inside another', Buffer.from([0x01, 1, 65, 0x81, 1, 65])],
])('%s is refused', (_, wire) => {
  expect(() => new FrameParser().push(wire, 0, wire.length, new Collected())).toThrow(FrameError);
});

/** The cuts are used again and again until all bytes are through; the buffer is overwritten after each, as a shared one is. */
function feed(wire: Buffer, cuts: readonly number[], sink: MessageSink): void {
  const parser = new FrameParser();
  const shared = Buffer.alloc(Math.max(...cuts));
  for (let at = 0, i = 0; at < wire.length; i++) {
    const length = Math.min(cuts[i % cuts.length] ?? 1, wire.length - at);
    wire.copy(shared, 0, at, at + length);
    parser.push(shared, 0, length, sink);
    shared.fill(0xff);
    at += length;
  }
}
