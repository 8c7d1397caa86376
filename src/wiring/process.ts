import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import type { Site } from '../item/site.ts';
import type { Config } from '../ops/config.ts';
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
