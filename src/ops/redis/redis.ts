import { Redis, type RedisOptions } from 'ioredis';

/**
 * Three kinds of connection, by what may happen while Redis is away (measured on ioredis 6.0.0):
 * `command` fails within 2 s and never sends later what it has failed (offline queue off, no re-sending of what was in flight);
 * `blocking` is BullMQ's worker: waits for ever; `subscriber` finds a half-open connection in 5 s (PING each second, log/pulse.ts).
 */
export type ConnectionKind = 'command' | 'blocking' | 'subscriber';

const retryStrategy = (attempt: number) =>
  Math.min(100 * 2 ** Math.min(attempt, 4), 1_000) + Math.floor(Math.random() * 100);

// disableClientInfo: what it sends exists since Redis 7.2, so a Redis user's rule for 7.0 cannot allow it.
const shared = { connectTimeout: 2_000, keepAlive: 5_000, retryStrategy, disableClientInfo: true };

const byKind = {
  // autoResendUnfulfilledCommands: a reply that was lost is unknown, not a reason to write twice; needs commandTimeout (ioredis #2193).
  command: {
    ...shared,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 2_000,
    autoResendUnfulfilledCommands: false,
  },
  blocking: { ...shared, maxRetriesPerRequest: null },
  subscriber: { ...shared, socketTimeout: 3_000, maxRetriesPerRequest: null },
} satisfies Record<ConnectionKind, RedisOptions>;

/** Connects in the background and keeps trying; `onError` hears of every failure. */
export function connectRedis(url: string, kind: ConnectionKind, name: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, { ...byKind[kind], connectionName: name });
  redis.on('error', (error) => {
    // ioredis would go on in database 0, where another site may be.
    if (isOfDatabase(error)) redis.disconnect(true);
    onError(error);
  });
  return redis;
}

/** Resolves once Redis answers; a worker has nothing to do before. What no retry heals is RedisTrouble's to find. */
export async function whenReady(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
}

/** Redis has refused to SELECT: there is no such database, or this user may not. */
function isOfDatabase(error: Error): boolean {
  const command: unknown = 'command' in error ? error.command : null;
  return typeof command === 'object' && command !== null && 'name' in command && command.name === 'select';
}
