import { retryPolicy } from '../protocol/close-code.ts';
import type { RetryWindow } from '../protocol/frame.ts';

const firstBackOffMs = 500;
const longestBackOffMs = 20_000;

/** The loss of a connection that lived this long after its first frame starts the back-off over. */
export const stableMs = 10_000;

/**
 * The delay before the next attempt, in milliseconds. Null: never (4000-4099). `attempt` 0 is the first after a loss, at a random time
 * in the window that the server announced, so that not all clients reconnect at once (RW-2). Later attempts use back-off with full
 * jitter (RW-3). An overloaded server (4100-4199) gets both. A server that shuts down (4200-4299) always gets the window.
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
