import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contrastOf, pairOn } from '../../src/item/contrast.ts';

describe('the text on a background', () => {
  test('the contrast is that of WCAG', () => {
    expect(contrastOf('#000000', '#ffffff')).toBe(21);
    expect(contrastOf('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  test('it is black or white, whichever contrasts more, and at least 4.5:1 on any colour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffff }), (number) => {
        const color = `#${number.toString(16).padStart(6, '0')}`;
        const { background, text } = pairOn(color);
        const other = text === '#000000' ? '#ffffff' : '#000000';
        expect(background).toBe(color);
        expect(contrastOf(color, text)).toBeGreaterThanOrEqual(4.5);
        expect(contrastOf(color, text)).toBeGreaterThanOrEqual(contrastOf(color, other));
      }),
    );
  });
});
