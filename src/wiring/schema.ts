import { canaryEdition } from '../item/canary.ts';
import { settleEpochs } from '../log/redis/epoch.ts';
import { migrate, readSchema, requireNoRehearsal, SchemaError, schemaVersion } from '../log/redis/schema-version.ts';
import { isCluster, primariesOf, type RedisConnection } from '../log/redis/shards.ts';
import { strangerIn, whenReady } from '../ops/redis/redis.ts';
import { whereIs } from '../ops/redis/redis-address.ts';
import { findingsOfAll, RedisSetupError, readFacts, unusableFor } from '../ops/redis/redis-setup.ts';
import type { Process } from './roles/process.ts';

const againMs = 500;

/**
 * Resolves once Redis is set up safely and its data has the schema of this program, before anything else is read or written. A role
 * that may write (`migrate`) migrates the data and gives every edition an epoch; a role that may only read waits for that.
 * Rejects with a RedisSetupError for a setup that a retry cannot solve (a wrong password, a cluster of several shards), and with a
 * SchemaError for newer or partly imported data. Waits for an unreachable Redis, and for the new primary during a failover.
 */
export async function requireSchema(self: Process, redis: RedisConnection, may: 'migrate' | 'read'): Promise<void> {
  const { config, editions, logger, trouble } = self;
  const store = { redis, prefix: config.FLASHWIRE_REDIS_PREFIX, editions: [...editions, canaryEdition.id] };
  for (let hasLogged = false, isChecked = false; ; ) {
    const slow = setInterval(
      () => logger.warn('Redis not ready: unreachable, or loading its file. Trying again'),
      5_000,
    );
    await trouble.unless(whenReady(redis)).finally(() => clearInterval(slow));
    try {
      if (!isChecked) await requireSetup(self, redis, may === 'migrate');
      isChecked = true;
      await requireNoRehearsal(store);
      const version = await (may === 'migrate' ? migrate(store) : readSchema(store));
      const isOld = version !== null && version < schemaVersion;
      if (may === 'migrate') {
        if (isOld) logger.info({ from: version, to: schemaVersion }, 'data migrated');
        await settleEpochs(redis, store.prefix, store.editions);
        return;
      }
      if (!isOld) return;
      if (!hasLogged)
        logger.warn({ found: version, wanted: schemaVersion }, 'waiting for a worker or an api to migrate the data');
      hasLogged = true;
    } catch (error) {
      if (error instanceof SchemaError || error instanceof RedisSetupError) throw error;
      if (error instanceof Error) trouble.note(error);
      logger.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'schema not read yet. Trying again',
      );
    }
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/** Rejects with a RedisSetupError for an unusable Redis and, with FLASHWIRE_REDIS_CHECK=refuse, for one that can lose accepted items. */
async function requireSetup(
  { config, redisAddress, logger }: Process,
  redis: RedisConnection,
  mayWrite: boolean,
): Promise<void> {
  const all = await Promise.all(primariesOf(redis).map((node) => readFacts(node, mayWrite)));
  const host = whereIs(redisAddress);
  const [facts] = all;
  // Every connection leaves such a server, so this is no mistake in the setup.
  if (redisAddress.kind !== 'single' && all.some(({ info }) => info['role'] === 'slave'))
    throw new Error('a Redis is not the primary any more');
  const unusable =
    facts && !isCluster(redis) && unusableFor(mayWrite && config.FLASHWIRE_REDIS_CHECK === 'warn', facts);
  if (unusable) throw new RedisSetupError(`Redis at ${host} ${unusable}`);
  const stranger = isCluster(redis) ? await strangerIn(redisAddress) : null;
  if (stranger)
    throw new RedisSetupError(
      `Redis at ${stranger.host}:${stranger.port} belongs to another cluster than the other hosts of REDIS_URL: name nodes of one cluster`,
    );
  const findings = findingsOfAll(all, redisAddress.kind !== 'single');
  const fatal = findings.filter(({ weight }) => weight === 'fatal').map(({ change }) => change);
  if (fatal.length > 0 && config.FLASHWIRE_REDIS_CHECK === 'refuse')
    throw new RedisSetupError(`Redis at ${host} can lose accepted items: ${fatal.join('; ')}`);
  if (findings.length > 0)
    logger.warn({ findings: findings.map(({ change }) => change) }, 'Redis setup is not durable');
}
