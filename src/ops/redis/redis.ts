import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { OneRedis, RedisAddress, SentinelAddress } from './redis-address.ts';

/**
 * Three kinds of connection, by their behaviour while Redis is unreachable (measured on ioredis 6.0.0):
 * `command` fails within 2 s and never sends a failed command later (no offline queue, no resending);
 * `blocking` waits permanently, for BullMQ's worker; `subscriber` detects a half-open connection in 5 s (PING each second,
 * log/redis/pulse.ts).
 */
export type ConnectionKind = 'command' | 'blocking' | 'subscriber';

const retryStrategy = (attempt: number) =>
  Math.min(100 * 2 ** Math.min(attempt, 4), 1_000) + Math.floor(Math.random() * 100);

// disableClientInfo: ioredis sends a command of Redis 7.2, which the ACL of a Redis 7.0 user cannot allow.
const shared = { connectTimeout: 2_000, keepAlive: 5_000, retryStrategy, disableClientInfo: true };

const byKind = {
  // autoResendUnfulfilledCommands: after a lost reply the outcome is unknown, so never write twice; needs commandTimeout (ioredis #2193).
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

/** A connection to one Redis (the primary that Sentinels name, for `redis-sentinel`), or to all primaries of a cluster. */
export type RedisConnection = Redis | Cluster;

/** Connects in the background and retries permanently. `onError` gets every error. */
export function connectRedis(
  address: OneRedis,
  kind: ConnectionKind,
  name: string,
  onError: (error: Error) => void,
): Redis;
export function connectRedis(
  address: RedisAddress,
  kind: ConnectionKind,
  name: string,
  onError: (error: Error) => void,
): RedisConnection;
export function connectRedis(
  address: RedisAddress,
  kind: ConnectionKind,
  name: string,
  onError: (error: Error) => void,
): RedisConnection {
  const redis = open(address, kind, name);
  redis.on('error', (error: Error) => {
    // ioredis would continue in database 0, which may belong to another site.
    if (isOfDatabase(error)) redis.disconnect(true);
    onError(error);
  });
  return redis;
}

function open(address: RedisAddress, kind: ConnectionKind, name: string): RedisConnection {
  const { username, password, db, tls, places } = address;
  const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const options = { ...byKind[kind], ...login, db, connectionName: name, ...(tls && { tls }) };
  switch (address.kind) {
    case 'single':
      return new Redis({ ...options, ...places[0] });
    case 'sentinel':
      return new Redis({ ...options, ...sentinelOptions(address) });
    case 'cluster':
      return new Cluster([...places], {
        redisOptions: options,
        enableOfflineQueue: kind !== 'command',
        clusterRetryStrategy: retryStrategy,
      });
  }
}

function sentinelOptions({ places, name, sentinelLogin, tls }: SentinelAddress) {
  const { username, password } = sentinelLogin;
  return {
    sentinels: [...places],
    name,
    // Without it a primary that was frozen keeps its clients when it wakes up, and loses what they write (docs/faults.md).
    failoverDetector: true,
    sentinelCommandTimeout: 1_000,
    sentinelRetryStrategy: (attempt: number) => Math.min(attempt * 100, 1_000),
    sentinelReconnectStrategy: () => 5_000,
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

/** Resolves once the connection is ready. RedisTrouble detects errors that a retry cannot solve. */
export async function whenReady(redis: RedisConnection): Promise<void> {
  if (redis.status !== 'ready') await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
}

/** Redis rejected SELECT: the database does not exist, or this user may not use it. */
function isOfDatabase(error: Error): boolean {
  const command: unknown = 'command' in error ? error.command : null;
  return typeof command === 'object' && command !== null && 'name' in command && command.name === 'select';
}
