import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, headlineLimits } from '../../src/item/text.ts';
import { languages } from './languages.ts';

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
  ])('the headline %j is kept as %j', (raw, text) => {
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
  ])('the headline %j is refused with its reason', (raw, reason) => {
    const result = clean(raw);
    expect(result.ok).toBe(false);
    expect(result.ok ? '' : result.problems.join('; ')).toMatch(reason);
  });

  test.each(languages)('a headline in %s can be posted, composed and decomposed', (_language, sentence) => {
    const text = sentence.normalize('NFC');
    expect(clean(text)).toEqual({ ok: true, text });
    expect(clean(sentence.normalize('NFD'))).toEqual({ ok: true, text });
  });

  test.each([
    ['four marks above', 'a\u0301\u0302\u0303\u0304'],
    ['four marks below', 'a\u0316\u0317\u0318\u0319'],
    ['marks above, below, beside and across', 'Z\u0334\u0321\u032C\u034C\u0358algo'],
    ['a mark three times', 'a\u0301\u0301\u0301'],
    ['a row that a joiner divides', 'a\u0301\u0302\u200D\u0303\u0304'],
    ['a row that grapheme joiners divide', 'a\u0301\u034F\u0316\u034F\u0302\u034F\u0317\u034F\u0303'],
    ['a composed letter with three more', 'ế\u0300\u0303'],
    ['enclosing marks', 'a\u20DD\u20DE\u20DF\u20E0\u20E2'],
    ['a Thai vowel sign again and again', 'ก็็็็็็'],
    ['Thai tone marks', 'ส้้้้้้'],
    ['Thai vowel signs and tone marks by turns', 'กิ้ิ้ิ้ิ้'],
    ['Arabic tanwin', 'مًًًًًً'],
    ['different Arabic marks', 'م\u06D6\u06D7\u06D8\u06D9'],
    ['Hebrew accents', 'א\u0592\u0593\u0594\u0595\u0597\u0598'],
    ['Korean tone marks', '가〮〮〮'],
    ['Japanese voiced marks', 'あ゙゙゙゙'],
    ['Devanagari signs', 'काेेेेे'],
    ['a Burmese sign', 'ကိိိိ'],
    ['Tibetan letters below', 'ཀྐྑྒྔྕྖྗྙ'],
    ['marks of several scripts', 'a\u0E31\u0ECD\u102D\u1036\u17B7\u17C6\u0902\u0941'],
  ])('a headline with %s is refused', (_name, raw) => {
    const result = clean(raw);
    expect(result.ok ? '' : result.problems.join('; ')).toMatch(/marks/);
  });

  test('a headline may have 280 characters as readers count them', () => {
    expect(clean('👩‍👩‍👧'.repeat(40)).ok).toBe(true);
    expect(clean('é'.normalize('NFD').repeat(280)).ok).toBe(true);
  });

  test('cleaning a text again changes nothing, and never throws', () => {
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
      { numRuns: 1_000 },
    );
  });
});
