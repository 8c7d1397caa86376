import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, headlineLimits } from '../../src/item/text.ts';

const clean = (raw: string) => cleanText(raw, headlineLimits);

describe('a headline', () => {
  test.each([
    ['  outer space\t', 'outer space'],
    ['\uFEFFno BOM', 'no BOM'],
    ['narrow\u00A0gap', 'narrow gap'],
    ['e\u0301t\u00e9', '\u00e9t\u00e9'],
    ['افتتاح الجسر\u200F الجديد', 'افتتاح الجسر\u200F الجديد'],
    ['می\u200Cخواهم', 'می\u200Cخواهم'],
    ['مــرحبا', 'مــرحبا'],
    ['\u2068AFP\u2069: رئيس', '\u2068AFP\u2069: رئيس'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧 family'],
    [
      '🏴\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F} Wales',
      '🏴\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F} Wales',
    ],
    ['مُحَمَّد', 'مُحَمَّد'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ])('%j is kept as %j', (raw, text) => {
    expect(clean(raw)).toEqual({ ok: true, text });
  });

  test.each([
    ['', /empty/],
    [' \u00A0 ', /empty/],
    ['two\nlines', /line break/],
    ['two\u2028lines', /line break/],
    ['over\u202Eride', /U\+202E/],
    ['bell\u0007', /U\+0007/],
    ['tag\u{E0041}', /tag characters/],
    ['\u2068open', /isolate/],
    ['closed\u2069', /isolate/],
    ['half \uD83D', /surrogate/],
    [`z\u0351\u0352\u0357\u0358\u0346`, /combining/],
    ['a'.repeat(281), /281 characters; at most 280/],
    ['€'.repeat(374), /bytes; at most 1120|characters/],
  ])('%j is refused with its reason', (raw, reason) => {
    const result = clean(raw);
    expect(result.ok).toBe(false);
    expect(result.ok ? '' : result.problems.join('; ')).toMatch(reason);
  });

  test('280 characters are counted as people count them', () => {
    expect(clean('👩‍👩‍👧'.repeat(40)).ok).toBe(true);
    expect(clean('é'.normalize('NFD').repeat(280)).ok).toBe(true);
  });

  test('is the same when it is cleaned again, and nothing throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: fc.constantFrom('\u2068', '\u2069', 'a', '\u0301', '\uD800', '\uFEFF', ' ', '\u{E0067}') }),
        ),
        (raw) => {
          const result = clean(raw);
          if (result.ok) expect(clean(result.text)).toEqual(result);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
