import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineOf } from '../../../src/item/item.ts';
import { colonPart, parseTypedLine } from '../../../src/item/line/typed-line.ts';

const sources = ['AFP', 'وكالة الأنباء', 'Ana Prueba'].map((name) => ({ name }));

describe('a typed line', () => {
  test.each([
    ['AFP: Headline', { attribution: 'AFP', headline: 'Headline' }],
    ['  afp :  Headline ', { attribution: 'AFP', headline: 'Headline' }],
    ['A.F.P.: Headline', { headline: 'A.F.P.: Headline' }],
    ['وكالةُ الانباء: عنوان: تفاصيل', { attribution: 'وكالة الأنباء', headline: 'عنوان: تفاصيل' }],
    ['Gaza ceasefire: what we know', { headline: 'Gaza ceasefire: what we know' }],
    ['BREAKING: explosion', { headline: 'BREAKING: explosion' }],
    ['Trump: AFP: no deal', { headline: 'Trump: AFP: no deal' }],
    ['Headline at 10:45', { headline: 'Headline at 10:45' }],
    ['AFP: ', { headline: 'AFP:' }],
    ['AFP:Headline', { headline: 'AFP:Headline' }],
    [': headline', { headline: ': headline' }],
    ['—: headline', { headline: '—: headline' }],
  ])('%j has a source only if the part before the colon is known', (text, line) =>
    expect(parseTypedLine(text, sources)).toEqual(line),
  );

  test('without known sources no colon introduces one, and no character is lost', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseTypedLine(text, [])).toEqual({ headline: text.trim() });
      }),
    );
  });

  test('the line that readers see is typed again as the same line', () => {
    const headline = 'Gaza ceasefire: what we know';
    const typed = parseTypedLine(lineOf({ attribution: 'AFP', headline }), sources);
    expect(typed).toEqual({ attribution: 'AFP', headline });
  });

  test('the part before the first colon may be confirmed as a source', () => {
    expect(colonPart(' Harbour office: The bridge: opens ')).toEqual({
      before: 'Harbour office',
      after: 'The bridge: opens',
    });
    expect(colonPart('No colon at 10:45')).toBeNull();
  });
});
