import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { parseTrust } from '../fanout/client-address.ts';
import { parseOrigins } from '../fanout/origins.ts';
import type { Site } from '../item/site.ts';
import { type Config, ConfigError } from '../ops/config.ts';
import type { Logger } from '../ops/logger.ts';
import type { ConnectionKind } from '../ops/redis.ts';

export const roles = ['fanout', 'api', 'worker', 'all', 'edge'] as const;

export const publicDir = fileURLToPath(new URL('../../public', import.meta.url));

/** What every role starts from. */
export interface Process {
  readonly role: (typeof roles)[number];
  /** Of this process, unlike any other's. */
  readonly id: string;
  readonly config: Config;
  readonly site: Site;
  readonly editions: readonly string[];
  readonly logger: Logger;
  connect(kind: ConnectionKind, name: string): Redis;
}

export function newProcessId(): string {
  return `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`;
}

/** What only those who use it can read. Throws a ConfigError that names the variable and not its value, which may hold a secret. */
export function requireReadable(config: Config): void {
  const parsers = {
    FLASHWIRE_ALLOWED_ORIGINS: [parseOrigins, 'must be * or origins such as https://news.example, divided by commas'],
    FLASHWIRE_TRUST_PROXY: [parseTrust, 'must be a number of hops, or addresses and CIDRs, divided by commas'],
  } as const;
  for (const name of ['FLASHWIRE_ALLOWED_ORIGINS', 'FLASHWIRE_TRUST_PROXY'] as const) {
    const [parse, rule] = parsers[name];
    try {
      parse(config[name]);
    } catch {
      throw new ConfigError(`${name}: ${rule}`);
    }
  }
}
