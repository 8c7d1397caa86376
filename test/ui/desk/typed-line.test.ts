import { describe, expect, test } from 'vitest';
import { timeIn } from '../../../src/ui/desk/composer/review.tsx';
import { graphemes, parseTypedLine } from '../../../src/ui/desk/composer/typed-line.ts';

describe('parseTypedLine', () => {
  test.each([
    ['AFP: Headline', { attribution: 'AFP', headline: 'Headline' }],
    ['  وكالة الأنباء: عنوان: تفاصيل ', { attribution: 'وكالة الأنباء', headline: 'عنوان: تفاصيل' }],
    ['Headline at 10:45', { headline: 'Headline at 10:45' }],
    ['AFP: ', { headline: 'AFP:' }],
    [': headline', { headline: ': headline' }],
    [`${'x'.repeat(81)}: y`, { headline: `${'x'.repeat(81)}: y` }],
  ])('reads %j', (text, line) => expect(parseTypedLine(text)).toEqual(line));
});

describe('a desk in a browser that does not know', () => {
  test('how letters are put together counts code points', () => {
    const { Segmenter } = Intl;
    try {
      Reflect.deleteProperty(Intl, 'Segmenter');
      expect(graphemes('a😀')).toEqual(['a', '😀']);
    } finally {
      Object.assign(Intl, { Segmenter });
    }
  });

  test('the time zone of an edition writes its times in UTC', () => {
    const at = Date.UTC(2026, 2, 1, 10, 5);
    expect(timeIn({ timeZone: 'Mars/Olympus' }, at)).toBe('2026-03-01 10:05 UTC');
    expect(timeIn({ timeZone: 'Asia/Tokyo' }, at)).toBe('01/03/2026, 19:05');
  });
});
