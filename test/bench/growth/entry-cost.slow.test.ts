import { expect, test } from 'vitest';
import { entryCost } from '../../../bench/growth/entry-cost.ts';

test('the cost of an entry that is for no feed does not grow with the feeds', () => {
  // A visit to each feed would cost a thousand times as much. The rest is the garbage collection of a busy process.
  expect(entryCost(4_000)).toBeLessThan(200 * entryCost(4));
});
