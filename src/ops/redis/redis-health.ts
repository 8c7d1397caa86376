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

/** Reads INFO every ten seconds. Returns the newest reply, and a function that stops it. Without a reply the last state stays. */
export function watchRedisHealth(redis: Redis): { readonly health: () => RedisHealth; stop(): void } {
  let health: RedisHealth = { memoryRatio: 0, isDiskWell: true };
  const ask = () =>
    void redis.info().then(
      (info) => {
        health = healthOf(info);
      },
      () => undefined,
    );
  ask();
  const timer = setInterval(ask, 10_000).unref();
  return { health: () => health, stop: () => clearInterval(timer) };
}
