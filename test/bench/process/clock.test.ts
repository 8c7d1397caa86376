import { expect, test } from 'vitest';
import { monotonicClock } from '../../../bench/process/clock.ts';

test('a process that stands still between two readings of its clocks has the right time all the same', () => {
  let now = 1_000;
  const pauses = [12];
  const precise = () => now;
  const cheap = () => {
    now += pauses.shift() ?? 0;
    return now - 100;
  };
  const clock = monotonicClock(precise, cheap);
  expect(clock()).toBe(now);
});
