import type { Redis } from 'ioredis';
import { canaryEdition } from '../item/canary.ts';
import { migrate, readSchema, SchemaError, schemaVersion } from '../log/schema-version.ts';
import { whenReady } from '../ops/redis.ts';
import type { Process } from './process.ts';

const againMs = 500;

/**
 * Resolves once the data in Redis has the form that this program knows, before anything else is read or written. Who may
 * write (`migrate`) brings it there; who may only read waits until somebody has. Rejects with a SchemaError for data that
 * is newer or half imported; Redis that is away is waited for.
 */
export async function requireSchema(
  { config, editions, logger }: Process,
  redis: Redis,
  may: 'migrate' | 'read',
): Promise<void> {
  const store = { redis, prefix: config.FLASHWIRE_REDIS_PREFIX, editions: [...editions, canaryEdition.id] };
  for (let hasSaid = false; ; ) {
    await whenReady(redis);
    try {
      const found = await (may === 'migrate' ? migrate(store) : readSchema(store));
      const isOld = found !== null && found < schemaVersion;
      if (isOld && may === 'migrate') logger.info({ from: found, to: schemaVersion }, 'data migrated');
      if (!isOld || may === 'migrate') return;
      if (!hasSaid) logger.warn({ found, wanted: schemaVersion }, 'waiting for a worker or an api to migrate the data');
      hasSaid = true;
    } catch (error) {
      if (error instanceof SchemaError) throw error;
      logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'schema not read yet');
    }
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}
