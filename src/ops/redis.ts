import { Redis, type RedisOptions } from 'ioredis';
import { RedisSetupError } from './redis-setup.ts';

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

/** Resolves once Redis answers; a worker has nothing to do before. Rejects with a RedisSetupError where it has not the database that was asked for. */
export async function whenReady(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const hear = (error: Error) => {
      if (!isOfDatabase(error)) return;
      redis.off('ready', ready);
      redis.off('error', hear);
      reject(new RedisSetupError(`REDIS_URL: database ${redis.options.db} cannot be used: ${error.message}`));
    };
    const ready = () => {
      redis.off('error', hear);
      resolve();
    };
    redis.on('error', hear);
    redis.once('ready', ready);
  });
}

/** Redis has refused to SELECT: there is no such database, or this user may not. */
function isOfDatabase(error: Error): boolean {
  const command: unknown = 'command' in error ? error.command : null;
  return typeof command === 'object' && command !== null && 'name' in command && command.name === 'select';
}
