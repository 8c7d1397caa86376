import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMostlyInOtherScript, scriptOf } from '../../../src/item/line/script.ts';
import { letterPairs, similarityOf } from '../../../src/item/line/similarity.ts';
import { type KnownLine, lineWarnings, pairsOf } from '../../../src/item/line/warnings.ts';

const now = Date.UTC(2026, 2, 1, 10);
const line = (headline: string, minutesAgo = 5): KnownLine => ({
  id: headline,
  pairs: pairsOf(headline),
  at: now - minutesAgo * 60_000,
});
const codesOf = (headline: string, known: readonly KnownLine[] = [], language = 'en') =>
  lineWarnings({ headline, attribution: 'AFP' }, { language, known, now }).map(({ code }) => code);

describe('a near duplicate', () => {
  test('a line that repeats one of the last hour in other words is a near duplicate of the most similar one', () => {
    const known = [
      line('Storm nears Manila', 1),
      line("France's new PM resigns after unveiling cabinet", 40),
      line("France's new PM resigns hours after unveiling cabinet", 59),
    ];
    const headline = "France's PM resigns, hours after unveiling his new cabinet";
    expect(lineWarnings({ headline, attribution: 'AFP' }, { language: 'en', known, now })).toEqual([
      { code: 'near-duplicate', line: known[2], minutesAgo: 59 },
    ]);
    expect(codesOf('Storm nears Taiwan, thousands told to leave the coast', known)).toEqual([]);
    expect(codesOf('Storm nears Manila', [line('Storm nears Manila', 61)])).toEqual([]);
  });

  test('a line of a few letters is no near duplicate', () => {
    expect(codesOf('Goal! 1:0', [line('Goal! 1:0')])).toEqual([]);
  });

  test('the similarity of two texts is the same in both directions, from 0 to 1, and 1 for one text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const similarity = similarityOf(letterPairs(one), letterPairs(other));
        expect(similarity).toBe(similarityOf(letterPairs(other), letterPairs(one)));
        expect(similarity).toBeGreaterThanOrEqual(0);
        expect(similarity).toBeLessThanOrEqual(1);
        expect(similarityOf(letterPairs(one), letterPairs(one))).toBe(1);
      }),
    );
  });
});

describe('the script of a line', () => {
  test.each([
    ['en', 'Latn'],
    ['ar', 'Arab'],
    ['ar-Latn', 'Latn'],
    ['zh-TW', 'Hant'],
    ['ja', 'Jpan'],
    ['sr', 'Cyrl'],
    ['not a tag', null],
  ])('the script of the language %s is %s', (language, script) => expect(scriptOf(language)).toBe(script));

  test.each([
    ['en', 'France’s new PM resigns', false],
    ['en', 'استقالة رئيس الوزراء الفرنسي', true],
    ['en', 'NATO حلف', false],
    ['en', 'NATO حلف الناتو', true],
    ['ar', 'استقالة رئيس الوزراء الفرنسي', false],
    ['ar', 'France’s new PM resigns', true],
    ['ar', '٣٫٢٥٪ — 2026', false],
    ['ur', 'فرانس کے وزیراعظم مستعفی', false],
    ['ja', 'フランス首相ルコルニュ氏が辞任', false],
    ['ja', 'コーヒー', false],
    ['ko', '프랑스 新 총리 사임', false],
    ['zh-Hant', '法國總理辭職', false],
    ['zh', 'French PM resigns', true],
    ['ru', 'Премьер-министр Франции', false],
    ['bg', 'Premier resigns', true],
    ['he', 'ראש ממשלת צרפת', false],
    ['hi', 'फ्रांस के प्रधानमंत्री', false],
    ['en', '', false],
    ['en-Zxxx', 'France', false],
    ['not a tag', 'France', false],
  ])('in %s, the text %j is mostly in another script: %s', (language, text, isOther) =>
    expect(isMostlyInOtherScript(text, language)).toBe(isOther),
  );
});

test('a line without an attribution has no source', () => {
  const known = { language: 'en', known: [], now };
  expect(lineWarnings({ headline: 'Parliament votes tonight' }, known)).toEqual([{ code: 'missing-source' }]);
  expect(lineWarnings({ headline: 'Parliament votes tonight', attribution: 'AFP' }, known)).toEqual([]);
});
