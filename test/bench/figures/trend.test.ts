import { expect, test } from 'vitest';
import { trendOf } from '../../../bench/figures/trend.ts';

test('the trend distinguishes growth from warming up', () => {
  const warming = [0, 60, 90].map((value, i) => [i * 5, value] as const);
  const steady = Array.from({ length: 6 }, (_, i) => [15 + i * 5, 100 + i] as const);
  expect(trendOf([...warming, ...steady])).toEqual({ early: 60, late: 104, perMinute: 12 });
});

test('a few points have no trend', () => {
  expect(trendOf([])).toEqual({ early: null, late: null, perMinute: null });
  expect(trendOf([[0, 7]])).toEqual({ early: 7, late: 7, perMinute: null });
});
