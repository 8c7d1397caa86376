import type { RetryWindow } from '../../protocol/frame.ts';

const stepMs = 500;

/**
 * The reconnect window: the time that it takes to admit all current readers again, and a quarter more, between 1 s and 60 s.
 * It is rounded up to whole steps, so that snapshots stay shareable while readers join and leave.
 */
export function retryWindow(connections: number, acceptRate: number): RetryWindow {
  const neededMs = (1_000 * connections * 1.25) / acceptRate;
  return { afterMs: 0, withinMs: Math.min(60_000, Math.max(1_000, Math.ceil(neededMs / stepMs) * stepMs)) };
}
