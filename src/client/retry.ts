import { retryPolicy } from '../protocol/close-code.ts';
import type { RetryWindow } from '../protocol/frame.ts';

const firstBackOffMs = 500;
const longestBackOffMs = 20_000;

/** A connection that has lived this long was a good one: its loss is a first loss again. */
export const stableMs = 10_000;

/**
 * How long to wait before the next attempt; null is never. `attempt` 0 is the first after a loss: a random time in the
 * window that the server announced, so that a room full of readers does not come back as one. Later attempts are
 * full-jitter back-off. A server that is overloaded (4100-4199) gets both; one that drains (4200-4299) always the window.
 */
export function retryDelay(code: number, attempt: number, window: RetryWindow, random: () => number): number | null {
  const policy = retryPolicy(code);
  if (policy === 'never') return null;
  if (policy === 'window') return drawIn(window, random);
  if (code >= 4100 && code < 4200) return drawIn(window, random) + backOff(attempt + 1, random);
  return attempt === 0 ? drawIn(window, random) : backOff(attempt, random);
}

/** A random time in a reconnect window. */
export function drawIn({ afterMs, withinMs }: RetryWindow, random: () => number): number {
  return afterMs + random() * withinMs;
}

function backOff(attempt: number, random: () => number): number {
  return random() * Math.min(longestBackOffMs, firstBackOffMs * 2 ** (attempt - 1));
}
