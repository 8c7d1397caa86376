import type { Redis } from 'ioredis';

const pingEveryMs = 1_000;

/**
 * Pings a subscriber once a second. ioredis 6.0.0 runs the socket time-out (3 s, ops/redis/redis.ts) only while a command is
 * open, so without pings it would never find a half-open connection. With them it does within 4 s. Returns a function that stops.
 */
export function pulse(subscriber: Redis): () => void {
  const timer = setInterval(() => {
    // Only while it is connected: pings would queue up otherwise.
    if (subscriber.status === 'ready') subscriber.ping().catch(() => undefined); // a failed ping closes the connection, which is the signal
  }, pingEveryMs).unref();
  return () => clearInterval(timer);
}
