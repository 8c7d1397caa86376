import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { leaveLostServer } from './lost-server.ts';
import { loginOptions, type OneRedis, type RedisAddress, type RedisPlace } from './redis-address.ts';
import { openBlockingCluster, openNodeSubscriber, StrictCluster } from './redis-cluster.ts';
import { sentinelOptions } from './sentinels.ts';

/**
 * Three kinds of connection, by their behaviour while Redis is unreachable (measured on ioredis 6.0.0):
 * `command` fails within 2 s and never sends a failed command later (no offline queue, no resending), and leaves a server that does
 * not answer, or that is not the primary any more (lost-server.ts);
 * `blocking` waits permanently, for BullMQ's worker, and leaves a server that owes an answer for 15 s;
 * `subscriber` detects a half-open connection in 5 s (PING each second, log/redis/pulse.ts).
 */
export type ConnectionKind = 'command' | 'blocking' | 'subscriber';

const retryStrategy = (attempt: number) =>
  Math.min(100 * 2 ** Math.min(attempt, 4), 1_000) + Math.floor(Math.random() * 100);

const shared = {
  connectTimeout: 2_000,
  // How long ioredis waits for a server that it leaves to close the connection; a frozen one never does.
  disconnectTimeout: 100,
  keepAlive: 5_000,
  retryStrategy,
  // Reconnects to a server that has become a replica. 2 instead of true would also send the command again.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  // ioredis sends a command of Redis 7.2, which the ACL of a Redis 7.0 user cannot allow.
  disableClientInfo: true,
};

const byKind = {
  // autoResendUnfulfilledCommands: after a lost reply the outcome is unknown, so never write twice; needs commandTimeout (ioredis #2193).
  command: {
    ...shared,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 2_000,
    autoResendUnfulfilledCommands: false,
  },
  // BullMQ waits for a job for 10 s at most. Without a limit a connection that was cut for a minute waits for TCP to send again.
  blocking: { ...shared, socketTimeout: 15_000, maxRetriesPerRequest: null },
  subscriber: { ...shared, socketTimeout: 3_000, maxRetriesPerRequest: null },
} satisfies Record<ConnectionKind, RedisOptions>;

/**
 * Connects in the background and retries permanently: to one Redis (the primary that Sentinels name, for `redis-sentinel`), or to
 * all primaries of a cluster. `onError` gets every error.
 */
export function connectRedis(
  address: OneRedis,
  kind: ConnectionKind,
  name: string,
  onError: (error: Error) => void,
): Redis;
/** A subscription is at one node of a cluster. */
export function connectRedis(
  address: RedisAddress,
  kind: 'subscriber',
  name: string,
  onError: (error: Error) => void,
): Redis;
export function connectRedis(
  address: RedisAddress,
  kind: ConnectionKind,
  name: string,
  onError: (error: Error) => void,
): Redis | Cluster;
export function connectRedis(
  address: RedisAddress,
  kind: ConnectionKind,
  name: string,
  onError: (error: Error) => void,
): Redis | Cluster {
  const redis = open(address, kind, name);
  if (kind === 'command' && redis instanceof Redis) leaveLostServer(redis, address.kind === 'sentinel');
  redis.on('error', (error: Error) => {
    // ioredis would continue in database 0, which may belong to another site.
    if (isOfDatabase(error)) redis.disconnect(true);
    onError(error);
  });
  // Of one node of a cluster.
  redis.on('node error', onError);
  return redis;
}

/**
 * The first host of the address that knows none of the nodes that the hosts before it know, because it belongs to another cluster;
 * null if there is none. A host that does not answer is left out.
 */
export async function strangerIn(address: RedisAddress): Promise<RedisPlace | null> {
  const known = new Set<string>();
  for (const place of address.places) {
    const options = { ...optionsOf(address, 'command', 'flashwire-check'), lazyConnect: true, retryStrategy: null };
    const redis = new Redis({ ...options, ...place });
    redis.on('error', () => undefined); // connect() rejects
    const ranges = await redis
      .connect()
      .then(() => redis.cluster('SLOTS'))
      .catch(() => [])
      .finally(() => redis.disconnect());
    const ids = ranges.flatMap(([, , ...nodes]) => nodes.map(([, , id]) => id));
    if (ids.length > 0 && known.size > 0 && !ids.some((id) => known.has(id))) return place;
    for (const id of ids) known.add(id);
  }
  return null;
}

function optionsOf(address: RedisAddress, kind: ConnectionKind, name: string) {
  const { db, tls } = address;
  return { ...byKind[kind], ...loginOptions(address), db, connectionName: name, ...(tls && { tls }) };
}

function open(address: RedisAddress, kind: ConnectionKind, name: string): Redis | Cluster {
  const { places } = address;
  const options = optionsOf(address, kind, name);
  switch (address.kind) {
    case 'single':
      return new Redis({ ...options, ...places[0] });
    case 'sentinel':
      return new Redis({ ...options, ...sentinelOptions(address) });
    case 'cluster':
      if (kind === 'subscriber') return openNodeSubscriber(places, options);
      return kind === 'command' ? new StrictCluster(places, options) : openBlockingCluster(places, options);
  }
}

/** Resolves once the connection is ready. RedisTrouble detects errors that a retry cannot solve. */
export async function whenReady(redis: Redis | Cluster): Promise<void> {
  if (redis.status !== 'ready') await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
  // A cluster is ready with its first node, and a command to a node that still connects is rejected.
  if (redis instanceof Cluster) await Promise.allSettled(redis.nodes('master').map((node) => node.ping()));
}

/** Redis rejected SELECT: the database does not exist, or this user may not use it. */
function isOfDatabase(error: Error): boolean {
  const command: unknown = 'command' in error ? error.command : null;
  return typeof command === 'object' && command !== null && 'name' in command && command.name === 'select';
}
