import { Redis } from 'ioredis';
import { LoadTurns } from '../../src/fanout/edition/load-turns.ts';
import { replicaLimits } from '../../src/fanout/edition/replica.ts';
import { systemClock } from '../../src/fanout/scheduling/clock.ts';
import { createLogReader } from '../../src/log/entries/redis-log-reader.ts';
import { connectRedis, whenReady } from '../../src/ops/redis/redis.ts';
import { parseRedisAddress } from '../../src/ops/redis/redis-address.ts';

/** As the roles of a run have it. */
const prefix = 'fw';

/** Packets and commands of one load, and its ms (the least of three). */
export async function loadCost(
  redisUrl: string,
  edition: string,
): Promise<{ readonly commands: number; readonly ms: number }> {
  const redis = new Redis(redisUrl);
  try {
    const reader = createLogReader({ redis, prefix });
    let commands = 0;
    const sendCommand = redis.sendCommand.bind(redis);
    redis.sendCommand = (...sent) => {
      commands++;
      return sendCommand(...sent);
    };
    await redis.ping();
    const times: number[] = [];
    for (let n = 0; n < 3; n++) {
      commands = 0;
      const start = performance.now();
      await reader.load(edition, replicaLimits);
      times.push(performance.now() - start);
    }
    return { commands, ms: Math.min(...times) };
  } finally {
    redis.disconnect();
  }
}

const processes = 10;

/**
 * Ten fan-outs read again that many editions together, all at the same moment, each with a connection and turns of its own, as at a
 * new epoch. ms until the last edition is loaded, and how many loads failed on the way.
 */
export async function reloadAll(
  redisUrl: string,
  edition: string,
  editions: number,
): Promise<{ readonly ms: number; readonly failed: number }> {
  const start = performance.now();
  const failed = await Promise.all(
    Array.from({ length: processes }, (_, n) => {
      const own = Math.floor(editions / processes) + (n < editions % processes ? 1 : 0);
      return reloadOf(redisUrl, edition, own);
    }),
  );
  return { ms: performance.now() - start, failed: failed.reduce((sum, one) => sum + one, 0) };
}

async function reloadOf(redisUrl: string, edition: string, editions: number): Promise<number> {
  const redis = connectRedis(parseRedisAddress({ REDIS_URL: redisUrl }), 'command', 'bench', () => undefined);
  await whenReady(redis);
  const reader = createLogReader({ redis, prefix });
  const turns = new LoadTurns(systemClock, () => processes);
  let failed = 0;
  const reload = async () => {
    for (let failures = 0; ; failures++) {
      await turns.spread();
      try {
        await turns.take(() => reader.load(edition, replicaLimits));
        return;
      } catch {
        failed++;
        await new Promise((resolve) => setTimeout(resolve, (1 + turns.backOff(failures + 1)) * 1_000));
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: editions }, reload));
    return failed;
  } finally {
    redis.disconnect();
  }
}
