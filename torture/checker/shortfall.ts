import type { Row } from '../run.ts';

/** In what a fault fell short although nothing was lost: the desk or the readers never came back, or too late. */
export function shortfallsOf(row: Row): readonly string[] {
  const { fault, accepted, settleMs, firstAcceptedMs, acceptsWithinMs, silentMs, silentAtMostMs, skipped } = row;
  if (skipped !== null) return [];
  const isLate = firstAcceptedMs !== null && acceptsWithinMs !== null && firstAcceptedMs > acceptsWithinMs;
  return [
    ...(settleMs === null ? [`never settled: ${fault}`] : []),
    ...(accepted === 0 ? [`nothing was accepted: ${fault}`] : []),
    ...(firstAcceptedMs === null ? [`never accepted again: ${fault}`] : []),
    ...(silentAtMostMs !== null && silentMs > silentAtMostMs
      ? [`silent for ${silentMs} ms, not ${silentAtMostMs} at most: ${fault}`]
      : []),
    ...(isLate ? [`accepted again after ${firstAcceptedMs} ms, not ${acceptsWithinMs}: ${fault}`] : []),
  ];
}
