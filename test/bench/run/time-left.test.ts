import { expect, test } from 'vitest';
import { TimeLeft } from '../../../bench/run/time-left.ts';

test('a step of which nothing is known takes what was guessed, corrected by what the guesses before it were worth', () => {
  let now = 0;
  const steps = ['a', 'b', 'c'].map((name) => ({ name, expectedMs: 1_000 }));
  const left = new TimeLeft(steps, () => now);
  expect(left.ms).toBe(3_000);
  now = 2_000;
  left.next();
  expect(left.ms).toBe(4_000);
  now = 2_500;
  expect(left.ms).toBe(3_500);
});

test('a step that has run before takes as long again, and one that is late takes no less than nothing', () => {
  let now = 0;
  const steps = ['a', 'b', 'a', 'b'].map((name) => ({ name, expectedMs: 1_000 }));
  const left = new TimeLeft(steps, () => now);
  now = 500;
  left.next();
  now = 3_500;
  left.next();
  expect(left.ms).toBe(3_500);
  now = 9_000;
  expect(left.ms).toBe(3_000);
  left.next();
  left.next();
  left.next();
  expect(left.ms).toBe(0);
});
