import { describe, expect, test } from 'vitest';
import { wsFraming } from '../../src/fanout/feed/framing.ts';
import {
  encodeBeat,
  encodeItem,
  encodeReconnect,
  encodeRemoval,
  encodeResumed,
  encodeSnapshot,
} from '../../src/protocol/encode.ts';

const hash = '1a2b3c4d';
const terms = { beatMs: 20_000, stale: true, retry: { afterMs: 0, withinMs: 4_000 } };

describe('encoded frames', () => {
  test('an encoded frame equals the result of JSON.stringify', () => {
    const item = { id: 'a', headline: 'An "odd" line \u2028 نص' };
    const itemJson = JSON.stringify(item);
    const frames: readonly (readonly [string, unknown])[] = [
      [encodeItem({ seq: 2, hash }, 1, 'new', itemJson), { type: 'item', seq: 2, hash, prev: 1, change: 'new', item }],
      [
        encodeRemoval({ seq: 3, hash: '' }, 2, { id: 'a', version: 2, reason: 'moved' }),
        { type: 'removal', seq: 3, prev: 2, id: 'a', version: 2, reason: 'moved' },
      ],
      [
        encodeBeat({ seq: 3, hash }, 2, terms),
        { type: 'beat', seq: 3, hash, prev: 2, stale: true, retry: terms.retry },
      ],
      [encodeReconnect({ afterMs: 500, withinMs: 8_000 }), { type: 'reconnect', afterMs: 500, withinMs: 8_000 }],
      [
        encodeResumed('epochone', { seq: 2, hash }, 1, terms),
        { type: 'resumed', epoch: 'epochone', seq: 2, hash, missed: 1, ...terms },
      ],
      [
        encodeSnapshot({ epoch: 'epochone', seq: 3, hash: '', more: true, reason: 'gap' }, [itemJson, itemJson], terms),
        { type: 'snapshot', epoch: 'epochone', seq: 3, items: [item, item], more: true, reason: 'gap', ...terms },
      ],
    ];
    for (const [text, frame] of frames) expect(text).toBe(JSON.stringify(frame));
  });

  test.each([0, 125, 126, 65_535, 65_536])('a WebSocket frame of %i bytes has the right header', (length) => {
    const bytes = wsFraming.frame('item', '', 'x'.repeat(length));
    const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    const said = header === 2 ? bytes[1] : header === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    expect([bytes[0], bytes.length, said]).toEqual([0x81, header + length, length]);
  });
});
