import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseInfo } from './redis-info.ts';

/** The configuration of a Redis. Null: this connection may not read it. */
export interface RedisFacts {
  /** Of INFO. */
  readonly info: Readonly<Record<string, string>>;
  /** Of CONFIG GET. */
  readonly config: Readonly<Record<string, string>> | null;
  /** Of CLUSTER INFO: shards that hold keys; 1 without cluster mode, null if this connection may not read it. */
  readonly shards: number | null;
}

export interface Finding {
  /** `fatal`: accepted items can be lost, or nothing works. `weak`: the text says what is at risk. */
  readonly weight: 'fatal' | 'weak';
  /** What to change, and the present value. */
  readonly change: string;
}

/** Why this program does not start with this Redis and what to do, on one line. */
export class RedisSetupError extends Error {
  override readonly name = 'RedisSetupError';
}

const settingNames = [
  'appendfsync',
  'no-appendfsync-on-rewrite',
  'client-output-buffer-limit',
  'save',
  'stop-writes-on-bgsave-error',
  'min-replicas-to-write',
  'min-replicas-max-lag',
];

/**
 * Reads INFO, which every role may, and with `mayReadConfig` also CONFIG GET. If CONFIG is forbidden or does not exist (on many
 * hosted servers), `config` is null.
 */
export async function readFacts(redis: Redis, mayReadConfig: boolean): Promise<RedisFacts> {
  const info = parseInfo(await redis.info());
  const shards = info['cluster_enabled'] === '1' ? await readShards(redis) : 1;
  if (!mayReadConfig) return { info, config: null, shards };
  const config = await redis.config('GET', ...(settingNames as [string, ...string[]])).catch(nullIfRefused);
  return { info, config: config === null ? null : pairs(config), shards };
}

async function readShards(redis: Redis): Promise<number | null> {
  const reply = await redis.cluster('INFO').catch(nullIfRefused);
  return reply === null ? null : Number(parseInfo(String(reply))['cluster_size']);
}

/** Why this program cannot work with this Redis, as the end of a sentence; null if it can. */
export function unusableFor(writes: boolean, { info, shards }: RedisFacts): string | null {
  if (info['redis_mode'] === 'sentinel')
    return 'is a Sentinel: begin REDIS_URL with redis-sentinel:// and end it with # and the name of the primary';
  if (shards !== null && shards > 1)
    return `is a cluster of ${shards} shards: begin REDIS_URL with redis-cluster:// or rediss-cluster://`;
  return writes && info['role'] === 'slave'
    ? 'is a Redis replica and rejects writes: point REDIS_URL to its primary'
    : null;
}

/**
 * The weaknesses of every primary, each once, fatal ones first. With `hasFailover` something makes a replica primary by itself, so a
 * primary that is cut off must not accept anything.
 */
export function findingsOfAll(all: readonly RedisFacts[], hasFailover: boolean): readonly Finding[] {
  const found = all.flatMap((facts) => findingsOf(facts, hasFailover));
  const byChange = new Map(found.map((finding) => [finding.change, finding]));
  return [...byChange.values()].sort((a, b) => a.weight.localeCompare(b.weight));
}

/** The weaknesses of the configuration, fatal ones first. */
function findingsOf({ info, config }: RedisFacts, hasFailover: boolean): readonly Finding[] {
  const findings: Finding[] = [];
  const fatal = (change: string) => findings.push({ weight: 'fatal', change });
  const weak = (change: string) => findings.push({ weight: 'weak', change });
  const { redis_version: version = '', role = '', maxmemory_policy: policy = '', aof_enabled: aof = '' } = info;

  if (Number.parseInt(version, 10) < 7) fatal(`use Redis 7.0 or newer (it is ${version})`);
  if (role !== 'master')
    fatal(`point REDIS_URL to the primary (this is a ${role === 'slave' ? 'Redis replica' : role})`);
  if (policy !== 'noeviction') fatal(`set maxmemory-policy noeviction (it is ${policy})`);
  if (aof !== '1') fatal('set appendonly yes (it is set to no)');
  const fsync = config?.['appendfsync'];
  if (aof === '1' && fsync === 'no') fatal('set appendfsync always (it is set to no)');
  const guard = config?.['min-replicas-to-write'];
  if (guard === '0' && hasFailover)
    fatal('set min-replicas-to-write 1 (it is 0: a primary that is cut off accepts items that the failover loses)');

  if (guard === '0' && !hasFailover && Number(info['connected_slaves']) > 0)
    weak('set min-replicas-to-write 1 (it is 0: a primary that is cut off accepts items that no replica has)');
  const lag = Number(config?.['min-replicas-max-lag']);
  if (guard !== '0' && lag === 0)
    (hasFailover ? fatal : weak)('set min-replicas-max-lag 2 (it is 0: Redis ignores min-replicas-to-write)');
  if (guard !== '0' && lag > 5)
    weak(`set min-replicas-max-lag 2 (it is ${lag}: a failover can lose what was accepted in that many seconds)`);
  if (aof === '1' && fsync === 'everysec')
    weak('set appendfsync always (it is everysec: a failure of the machine loses the last second of accepted items)');
  if (aof === '1' && config?.['no-appendfsync-on-rewrite'] === 'yes')
    weak(
      'set no-appendfsync-on-rewrite no (it is yes: accepted items are not on the disk while Redis rewrites its file)',
    );
  if (info['maxmemory'] === '0')
    weak('set maxmemory (without a limit the kernel kills a Redis that grows, instead of rejecting writes)');
  if (/\bpubsub 0 0 /.test(config?.['client-output-buffer-limit'] ?? ''))
    weak(
      'set client-output-buffer-limit pubsub 64mb 16mb 30 (it is unlimited: one hanging fan-out can fill the memory)',
    );
  if (config && config['save'] !== '' && config['stop-writes-on-bgsave-error'] === 'no')
    weak('set stop-writes-on-bgsave-error yes, or save "" (it is set to no: failed snapshots go unnoticed)');
  return findings;
}

const reply = z.array(z.string());

/** From a list in which names and values alternate. */
function pairs(list: unknown): Record<string, string> {
  const flat = reply.parse(list);
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])));
}

function nullIfRefused(error: unknown): null {
  if (error instanceof Error && /^(NOPERM|ERR unknown command)/.test(error.message)) return null;
  throw error;
}
