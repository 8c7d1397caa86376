import type { RetryWindow } from '../../protocol/frame.ts';

const stepMs = 500;

/**
 * The window that lost readers come back in: as long as it takes to admit all of them again, and a quarter more. Rounded
 * up to whole steps, so that snapshots stay shareable while readers come and go.
 */
export function retryWindow(connections: number, acceptRate: number): RetryWindow {
  const neededMs = (1_000 * connections * 1.25) / acceptRate;
  return { afterMs: 0, withinMs: Math.min(60_000, Math.max(1_000, Math.ceil(neededMs / stepMs) * stepMs)) };
}
