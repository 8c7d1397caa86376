import type { Redis } from 'ioredis';

const pingEveryMs = 1_000;

/**
 * Pings a subscriber each second: its socket time-out (3 s, ops/redis.ts) never runs on a connection that nothing is asked
 * of, so this is what finds a half-open one, 4 s after its last answer at most (ioredis 6.0.0). Returns the stop.
 */
export function pulse(subscriber: Redis): () => void {
  const timer = setInterval(() => {
    // Not while it is away: pings would queue up for as long as that lasts.
    if (subscriber.status === 'ready') subscriber.ping().catch(() => undefined); // a failed ping closes the connection, which is the news
  }, pingEveryMs).unref();
  return () => clearInterval(timer);
}
