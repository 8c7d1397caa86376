import { expect, test } from 'vitest';
import { entryCost } from '../../../bench/growth/entry-cost.ts';

test('the cost of an entry that is for no feed does not grow with the feeds', () => {
  expect(entryCost(4_000)).toBeLessThan(20 * entryCost(4));
});
