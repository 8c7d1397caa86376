/** Milliseconds, with fractions, of a clock that never steps and that all processes of one machine share (CLOCK_MONOTONIC). */
export type Clock = () => number;

export function monotonicClock(
  precise: Clock = () => Number(process.hrtime.bigint()) / 1e6,
  cheap: Clock = () => performance.now(),
): Clock {
  // performance.now() is the same clock counted from the start of the process, and far cheaper to read than a bigint. A busy machine may
  // stop the process between two readings, which only makes their difference smaller.
  const offset = Math.max(...Array.from({ length: 10 }, () => precise() - cheap()));
  return () => cheap() + offset;
}

/** What to add to a monotonic time to get ms since 1970. Right while the wall clock is not set. */
export function wallOffset(clock: Clock): number {
  return Date.now() - clock();
}
