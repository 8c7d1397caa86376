import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { parseTrust } from '../../fanout/admission/client-address.ts';
import type { Site } from '../../item/site.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import { ClockSkew } from '../../ops/clock-skew.ts';
import { type Config, ConfigError } from '../../ops/config.ts';
import type { Logger } from '../../ops/logger.ts';
import type { MetricsPlace, Reading } from '../../ops/metrics/metrics.ts';
import { processReadings } from '../../ops/metrics/process.ts';
import type { ConnectionKind } from '../../ops/redis/redis.ts';
import type { RedisAddress } from '../../ops/redis/redis-address.ts';
import type { RedisTrouble } from '../../ops/redis/redis-trouble.ts';
import type { Strain } from '../../ops/strain.ts';
import { parseOrigins } from '../../protocol/origins.ts';
import type { Pictures } from '../../ui/server/site/picture.ts';
import { readVersion } from '../site-file.ts';

/** What a process does. `edge` is a child of `all`: a fan-out that relays the desk's requests to the `api` beside it. */
export const processRoles = ['fanout', 'api', 'worker', 'all', 'edge'] as const;

export type ProcessRole = (typeof processRoles)[number];

export const publicDir = fileURLToPath(new URL('../../../public', import.meta.url));

/** What every role gets at its start. */
export interface Process {
  readonly role: ProcessRole;
  /** Unique per process. */
  readonly id: string;
  readonly config: Config;
  readonly site: Site;
  /** The files of its pictures; none for a role that serves no pages. */
  readonly pictures: Pictures;
  readonly editions: readonly string[];
  readonly logger: Logger;
  readonly redisAddress: RedisAddress;
  connect(kind: Exclude<ConnectionKind, 'subscriber'>, name: string): RedisConnection;
  /** At one node of a cluster, because each of them hears every message. */
  subscribe(name: string): Redis;
  /** Every connection, by its name. */
  readonly connections: ReadonlyMap<string, RedisConnection>;
  /** Errors of connections to Redis before the process has started. */
  readonly trouble: RedisTrouble;
  readonly strain: Strain;
}

export function newProcessId(): string {
  return `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`;
}

export function metricsPlace({ config }: Process): MetricsPlace {
  return { host: config.FLASHWIRE_METRICS_HOST, port: config.FLASHWIRE_METRICS_PORT };
}

/** The number of processes that share the memory of this machine: `all` has a supervisor, a worker, an api and its edges. */
export function processesOf(role: ProcessRole, { FLASHWIRE_FANOUT_PROCESSES: edges }: Config): number {
  return role === 'all' || role === 'edge' ? edges + 3 : 1;
}

/** The metrics of every role. Also logs when this host's clock differs from Redis' clock. */
export function readingsOf({ connections, strain, logger }: Process, skewMs: () => number): readonly Reading[] {
  const skew = new ClockSkew();
  setInterval(() => {
    const seconds = Math.round(skewMs()) / 1_000;
    const change = skew.look(skewMs());
    if (change === 'off') logger.warn({ seconds }, 'clock differs from Redis');
    else if (change === 'well') logger.info({ seconds }, 'clock agrees with Redis again');
  }, 1_000).unref();
  return processReadings({ version: readVersion(), strain, connections, skewMs });
}

/**
 * Checks the variables that only the fan-out can parse. Throws a ConfigError with the name of the variable, but without its value,
 * which may be secret.
 */
export function requireReadable(config: Config): void {
  const rules = {
    FLASHWIRE_ALLOWED_ORIGINS: [parseOrigins, 'must be * or origins such as https://news.example, separated by commas'],
    FLASHWIRE_TRUST_PROXY: [parseTrust, 'must be a number of hops, or addresses and CIDRs, separated by commas'],
  } as const;
  for (const name of ['FLASHWIRE_ALLOWED_ORIGINS', 'FLASHWIRE_TRUST_PROXY'] as const) {
    const [parse, rule] = rules[name];
    try {
      parse(config[name]);
    } catch (error) {
      const why = name === 'FLASHWIRE_ALLOWED_ORIGINS' && error instanceof Error ? ` (${error.message})` : '';
      throw new ConfigError(`${name}: ${rule}${why}`);
    }
  }
}
