import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseInfo } from './redis-info.ts';

/** What a Redis says of itself. Null: this connection may not ask. */
export interface RedisFacts {
  /** Of INFO. */
  readonly info: Readonly<Record<string, string>>;
  /** Of CONFIG GET. */
  readonly config: Readonly<Record<string, string>> | null;
  /** Of CLUSTER INFO: shards that hold keys; 1 without cluster mode, null where this connection may not ask. */
  readonly shards: number | null;
}

export interface Finding {
  /** `fatal`: lines that were accepted can be lost, or nothing works at all. `weak`: what it costs is said. */
  readonly weight: 'fatal' | 'weak';
  /** What to change, and what stands there now. */
  readonly change: string;
}

/** Why this program does not start on this Redis, as one line a person can act on. */
export class RedisSetupError extends Error {
  override readonly name = 'RedisSetupError';
}

const asked = [
  'appendfsync',
  'no-appendfsync-on-rewrite',
  'client-output-buffer-limit',
  'save',
  'stop-writes-on-bgsave-error',
];

/**
 * Asks INFO, which every role may, and with `mayAskConfig` CONFIG GET for what only that knows. A server where CONFIG is
 * forbidden or does not exist (many hosted ones) answers the rest.
 */
export async function readFacts(redis: Redis, mayAskConfig: boolean): Promise<RedisFacts> {
  const info = parseInfo(await redis.info());
  const shards = info['cluster_enabled'] === '1' ? await readShards(redis) : 1;
  if (!mayAskConfig) return { info, config: null, shards };
  const config = await redis.config('GET', ...(asked as [string, ...string[]])).catch(nullIfRefused);
  return { info, config: config === null ? null : pairs(config), shards };
}

async function readShards(redis: Redis): Promise<number | null> {
  const reply = await redis.cluster('INFO').catch(nullIfRefused);
  return reply === null ? null : Number(parseInfo(String(reply))['cluster_size']);
}

/** Why nothing can work on it, as the end of a sentence; null where something can. */
export function unusableFor(writes: boolean, { info, shards }: RedisFacts): string | null {
  if (shards !== null && shards > 1)
    return `is a cluster of ${shards} shards: use one primary that holds every key (replicas of it are welcome)`;
  return writes && info['role'] === 'slave' ? 'is a replica and takes no writes: point REDIS_URL to its primary' : null;
}

/** What is wrong with it, the worst first. */
export function findingsOf({ info, config }: RedisFacts): readonly Finding[] {
  const found: Finding[] = [];
  const fatal = (change: string) => found.push({ weight: 'fatal', change });
  const weak = (change: string) => found.push({ weight: 'weak', change });
  const { redis_version: version = '', role = '', maxmemory_policy: policy = '', aof_enabled: aof = '' } = info;

  if (Number.parseInt(version, 10) < 7) fatal(`use Redis 7.0 or newer (it is ${version})`);
  if (role !== 'master') fatal(`point REDIS_URL to the primary (this is a ${role === 'slave' ? 'replica' : role})`);
  if (policy !== 'noeviction') fatal(`set maxmemory-policy noeviction (it is ${policy})`);
  if (aof !== '1') fatal('set appendonly yes (it is no)');
  const fsync = config?.['appendfsync'];
  if (aof === '1' && fsync === 'no') fatal('set appendfsync always (it is no)');

  if (aof === '1' && fsync === 'everysec')
    weak(
      'appendfsync is everysec: the last second of what was accepted is lost when the machine fails; with always nothing is',
    );
  if (aof === '1' && config?.['no-appendfsync-on-rewrite'] === 'yes')
    weak('no-appendfsync-on-rewrite is yes: while the file is rewritten nothing is made to last; set it to no');
  if (info['maxmemory'] === '0')
    weak('maxmemory is not set: a Redis that grows is killed by the kernel instead of refusing what is new');
  if (/\bpubsub 0 0 /.test(config?.['client-output-buffer-limit'] ?? ''))
    weak(
      'client-output-buffer-limit pubsub is unlimited: one fan-out that hangs can fill the memory; set 64mb 16mb 30',
    );
  if (config && config['save'] !== '' && config['stop-writes-on-bgsave-error'] === 'no')
    weak('stop-writes-on-bgsave-error is no: snapshots that fail are not noticed; set it to yes, or save ""');
  return found;
}

const reply = z.array(z.string());

/** A list of names and values, in turn. */
function pairs(list: unknown): Record<string, string> {
  const flat = reply.parse(list);
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])));
}

function nullIfRefused(error: unknown): null {
  if (error instanceof Error && /^(NOPERM|ERR unknown command)/.test(error.message)) return null;
  throw error;
}
