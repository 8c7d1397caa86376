import type { Redis } from 'ioredis';
import { canaryEdition } from '../item/canary.ts';
import { settleEpochs } from '../log/redis/epoch.ts';
import { migrate, readSchema, requireNoRehearsal, SchemaError, schemaVersion } from '../log/redis/schema-version.ts';
import { whenReady } from '../ops/redis/redis.ts';
import { findingsOf, RedisSetupError, readFacts, unusableFor } from '../ops/redis/redis-setup.ts';
import type { Process } from './roles/process.ts';

const againMs = 500;

/**
 * Resolves once Redis is one that keeps what it is given, and the data in it has the form that this program knows, before
 * anything else is read or written. Who may write (`migrate`) brings it there and gives every edition an epoch; who may only read waits
 * until somebody has.
 * Rejects with a RedisSetupError, also for what no retry heals (a wrong password, a cluster of several shards), and with a SchemaError for data that is newer or half imported; Redis that is away is
 * waited for.
 */
export async function requireSchema(self: Process, redis: Redis, may: 'migrate' | 'read'): Promise<void> {
  const { config, editions, logger, trouble } = self;
  const store = { redis, prefix: config.FLASHWIRE_REDIS_PREFIX, editions: [...editions, canaryEdition.id] };
  for (let hasSaid = false, isChecked = false; ; ) {
    const slow = setInterval(() => logger.warn('Redis is not ready yet: it is away, or loads its file'), 5_000);
    await trouble.unless(whenReady(redis)).finally(() => clearInterval(slow));
    try {
      if (!isChecked) await requireSetup(self, redis, may === 'migrate');
      isChecked = true;
      await requireNoRehearsal(store);
      const found = await (may === 'migrate' ? migrate(store) : readSchema(store));
      const isOld = found !== null && found < schemaVersion;
      if (may === 'migrate') {
        if (isOld) logger.info({ from: found, to: schemaVersion }, 'data migrated');
        await settleEpochs(redis, store.prefix, store.editions);
        return;
      }
      if (!isOld) return;
      if (!hasSaid) logger.warn({ found, wanted: schemaVersion }, 'waiting for a worker or an api to migrate the data');
      hasSaid = true;
    } catch (error) {
      if (error instanceof SchemaError || error instanceof RedisSetupError) throw error;
      if (error instanceof Error) trouble.note(error);
      logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'schema not read yet');
    }
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/**
 * Rejects with a RedisSetupError for a Redis that cannot be used at all, and for one that loses what it has accepted where the
 * configuration says `refuse`.
 */
async function requireSetup({ config, logger }: Process, redis: Redis, mayWrite: boolean): Promise<void> {
  const facts = await readFacts(redis, mayWrite);
  const { host } = new URL(config.REDIS_URL);
  const unusable = unusableFor(mayWrite && config.FLASHWIRE_REDIS_CHECK === 'warn', facts);
  if (unusable !== null) throw new RedisSetupError(`Redis at ${host} ${unusable}`);
  const findings = findingsOf(facts);
  const fatal = findings.filter(({ weight }) => weight === 'fatal').map(({ change }) => change);
  if (fatal.length > 0 && config.FLASHWIRE_REDIS_CHECK === 'refuse')
    throw new RedisSetupError(`Redis at ${host} would lose what it has accepted: ${fatal.join('; ')}`);
  if (findings.length > 0)
    logger.warn({ findings: findings.map(({ change }) => change) }, 'Redis is not set up to last');
}
