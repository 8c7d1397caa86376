import { expect, test } from 'vitest';
import { dialects } from '../../../bench/readers/dialect.ts';
import { FrameCache } from '../../../bench/readers/frame-cache.ts';
import { follow, type ReaderCursor } from '../../../bench/readers/reader-rule.ts';
import { beat, item, resumed, snapshot } from '../wire.ts';

test('a stream that keeps the rule has no fault', () => {
  expect(verdicts([snapshot(3), item(4), item(7, 4), beat(9, 7), item(12, 7), beat(12, 12)])).toEqual([]);
});

test('an entry that is missing is a gap', () => {
  expect(verdicts([snapshot(3), item(4), item(6)])).toEqual(['gap']);
});

test('an entry missing before a beat is a gap', () => {
  expect(verdicts([snapshot(3), item(4), beat(6, 5)])).toEqual(['gap']);
});

test('an entry that comes twice or late is a duplicate', () => {
  expect(verdicts([snapshot(3), item(4), item(4), item(5), item(4, 3)])).toEqual(['duplicate', 'duplicate']);
});

test('an entry that the snapshot already covers is a duplicate', () => {
  expect(verdicts([snapshot(3), item(3)])).toEqual(['duplicate']);
});

test('a snapshot of the same epoch that goes back is a fault, one of another epoch is not', () => {
  expect(verdicts([snapshot(5), snapshot(4)])).toEqual(['backwards']);
  expect(verdicts([snapshot(5), snapshot(1, 'epoch002'), item(2)])).toEqual([]);
});

test('a snapshot without an epoch is a fault, because no reader can resume from it', () => {
  expect(verdicts([snapshot(0, ''), item(1)])).toEqual(['no-epoch']);
});

test('an entry before the answer is a fault', () => {
  expect(verdicts([item(1)])).toEqual(['not-answered']);
});

test('a resume from another position than the reader has is a fault', () => {
  const cursor: ReaderCursor = { epoch: 'epoch001', seq: 5, answered: false };
  expect(verdicts([resumed(4, 1), item(6, 5)], cursor)).toEqual(['wrong-resume']);
  expect(verdicts([resumed(5, 1), item(6, 5)], { epoch: 'epoch001', seq: 5, answered: false })).toEqual([]);
});

test('the same bytes are decoded once, and frames of one entry share its sighting', () => {
  const cache = new FrameCache(dialects.flashwire.unwrap);
  const decode = (text: string) => cache.decode(Buffer.from(text), 0, Buffer.byteLength(text));
  expect(decode(item(4))).toBe(decode(item(4)));
  expect(decode(item(4, 2))?.[0]?.sighting).toBe(decode(item(4))?.[0]?.sighting);
  expect(decode(item(5))).not.toBe(decode(item(6)));
  expect(decode('{"type":')).toBeNull();
  expect(decode('[]')).toBeNull();
});

function verdicts(
  frames: readonly string[],
  cursor: ReaderCursor = { epoch: '', seq: 0, answered: false },
): readonly string[] {
  const cache = new FrameCache(dialects.flashwire.unwrap);
  return frames.flatMap((text) => {
    const decoded = cache.decode(Buffer.from(text), 0, Buffer.byteLength(text));
    const seen = decoded?.map((frame) => follow(cursor, frame)) ?? ['not a frame'];
    return seen.filter((verdict) => verdict !== 'ok');
  });
}
