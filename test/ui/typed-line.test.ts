import { describe, expect, it } from 'vitest';
import { parseTypedLine } from '../../src/ui/desk/typed-line.ts';

describe('parseTypedLine', () => {
  it.each([
    ['AFP: Headline', { attribution: 'AFP', headline: 'Headline' }],
    ['  وكالة الأنباء: عنوان: تفاصيل ', { attribution: 'وكالة الأنباء', headline: 'عنوان: تفاصيل' }],
    ['Headline at 10:45', { headline: 'Headline at 10:45' }],
    ['AFP: ', { headline: 'AFP:' }],
    [': headline', { headline: ': headline' }],
    [`${'x'.repeat(81)}: y`, { headline: `${'x'.repeat(81)}: y` }],
  ])('reads %j', (text, line) => expect(parseTypedLine(text)).toEqual(line));
});
