import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPosition, isHash, type Position, parsePosition, shortHash } from '../../src/protocol/position.ts';

const word = (characters: string, least: number, most: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: least, maxLength: most });
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
const epoch = word(letters, 1, 32);
const seq = fc.integer({ min: 0, max: 999_999_999_999_999 });
const hash = word('0123456789abcdef', 8, 8);
const position: fc.Arbitrary<Position> = fc.oneof(fc.record({ epoch, seq }), fc.record({ epoch, seq, hash }));

describe('positions', () => {
  test('PO-1: a formatted position parses to itself, and is a valid token', () => {
    fc.assert(
      fc.property(position, (one) => {
        const token = formatPosition(one);
        expect(token).toMatch(/^[A-Za-z0-9:_-]{1,64}$/);
        expect(parsePosition(token)).toEqual(one);
      }),
      { numRuns: 1_000 },
    );
  });

  test('PO-10: a missing or malformed hash leaves the epoch and the seq of a position', () => {
    fc.assert(
      fc.property(position, word(letters, 1, 16), ({ epoch, seq }, third) => {
        const expected = { epoch, seq, ...(isHash(third) && { hash: third }) };
        expect(parsePosition(`${epoch}:${seq}`)).toEqual({ epoch, seq });
        expect(parsePosition(`${epoch}:${seq}:${third}`)).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test('PO-4: any token parses to null or to a position with valid parts, and never throws', () => {
    const nearly = fc
      .tuple(position, fc.nat({ max: 70 }), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([one, at, put]) => {
        const token = formatPosition(one);
        return token.slice(0, at) + put + token.slice(at + 1);
      });
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string({ unit: 'binary', maxLength: 200 }), fc.webUrl()), (token) => {
        const read = parsePosition(token);
        if (read === null) return;
        expect(token.length).toBeLessThanOrEqual(64);
        expect(read.epoch).toMatch(/^[A-Za-z0-9_-]{1,32}$/);
        expect(Number.isSafeInteger(read.seq) && read.seq >= 0).toBe(true);
        expect(token.startsWith(`${read.epoch}:`)).toBe(true);
        expect(Number(token.split(':')[1])).toBe(read.seq);
        expect(read.hash ?? token.split(':')[2] ?? '').toBe(token.split(':')[2] ?? '');
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    '',
    ':',
    'epoch',
    'epoch:',
    ':1',
    'epoch:-1',
    'epoch:1.5',
    'epoch:1e3',
    'epoch: 1',
    'epoch:1:',
    'epoch:1:0badc0de:1',
    'epoch:1\n',
    'epóch:1',
    `${'e'.repeat(33)}:1`,
    `epoch:${'1'.repeat(16)}`,
  ])('%j is not a position', (token) => expect(parsePosition(token)).toBeNull());

  test('PO-3: the hash of a position is the first eight digits of a link, and empty without a link', () => {
    expect(shortHash('0123456789abcdef0123456789abcdef01234567')).toBe('01234567');
    expect(formatPosition({ epoch: 'e', seq: 1, hash: shortHash('') })).toBe('e:1');
  });
});
