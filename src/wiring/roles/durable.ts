import type { Replicated } from '../../log/commands/acceptance.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import { type DurabilityWatch, watchDurability } from '../../ops/redis/durability.ts';
import { watchFailover } from '../../ops/redis/failover-watch.ts';
import type { Process } from './process.ts';

export interface Durable {
  readonly watch: DurabilityWatch;
  /** Null with FLASHWIRE_DURABILITY=local. */
  readonly replicated: Replicated | null;
}

/** Watches what accepted items rest on. FLASHWIRE_DURABILITY=replicated opens two connections more. */
export function openDurable({ config, logger, redisAddress, connect }: Process, redis: RedisConnection): Durable {
  const { FLASHWIRE_DURABILITY: mode, FLASHWIRE_DURABILITY_STATED: stated } = config;
  const watch = watchDurability(redis, redisAddress, { mode, stated }, ({ state, why }) =>
    logger.info({ durability: state, why }, 'redis durability'),
  );
  if (mode === 'local') return { watch, replicated: null };
  const [publishes, takedowns] = [connect('command', 'publishes'), connect('command', 'takedowns')];
  const leave = () => {
    // ioredis does not survive it while it asks the Sentinels.
    for (const connection of [publishes, takedowns]) if (connection.status === 'ready') connection.disconnect(true);
  };
  const failover =
    redisAddress.kind === 'sentinel' ? watchFailover(redisAddress, leave) : { isFailingOver: () => false };
  return { watch, replicated: { publishes, takedowns, needed: () => watch.replicasNeeded(), ...failover } };
}
