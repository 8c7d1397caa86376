import type { Redis } from 'ioredis';
import { parseInfo } from './redis-info.ts';

/** The state of Redis' memory and disk. */
export interface RedisHealth {
  /** Used part of `maxmemory`; 0 without a limit. */
  readonly memoryRatio: number;
  /** False once a write of the append-only file or a snapshot has failed. */
  readonly isDiskWell: boolean;
}

/** Reads a reply to INFO. */
export function healthOf(reply: string): RedisHealth {
  const info = parseInfo(reply);
  const limit = Number(info['maxmemory']);
  const failed = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'].some(
    (name) => info[name] === 'err',
  );
  return { memoryRatio: limit > 0 ? Number(info['used_memory']) / limit : 0, isDiskWell: !failed };
}

/** The worst of several. */
function worstOf(all: readonly RedisHealth[]): RedisHealth {
  return {
    memoryRatio: Math.max(0, ...all.map(({ memoryRatio }) => memoryRatio)),
    isDiskWell: all.every(({ isDiskWell }) => isDiskWell),
  };
}

/**
 * Reads INFO of every primary every ten seconds. Returns the worst of the newest replies, and a function that stops it. Without a
 * reply of each the last state stays.
 */
export function watchRedisHealth(primaries: () => readonly Redis[]): {
  readonly health: () => RedisHealth;
  stop(): void;
} {
  let health: RedisHealth = { memoryRatio: 0, isDiskWell: true };
  const ask = () =>
    void Promise.all(primaries().map((redis) => redis.info())).then(
      (replies) => {
        health = worstOf(replies.map(healthOf));
      },
      () => undefined,
    );
  ask();
  const timer = setInterval(ask, 10_000).unref();
  return { health: () => health, stop: () => clearInterval(timer) };
}
