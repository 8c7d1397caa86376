/** Milliseconds, with fractions, of a clock that never steps and that all processes of one machine share (CLOCK_MONOTONIC). */
export type Clock = () => number;

export function monotonicClock(): Clock {
  // performance.now() is the same clock counted from the start of the process, and far cheaper to read than a bigint.
  const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  return () => performance.now() + offset;
}

/** What to add to a monotonic time to get ms since 1970. Right while the wall clock is not set. */
export function wallOffset(clock: Clock): number {
  return Date.now() - clock();
}
