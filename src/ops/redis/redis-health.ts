import type { Redis } from 'ioredis';
import { parseInfo } from './redis-info.ts';

/** What Redis says of its memory and its disk. */
export interface RedisHealth {
  /** Part of `maxmemory` in use; 0 without a limit. */
  readonly memoryRatio: number;
  /** False once a write of the append-only file or a snapshot has failed. */
  readonly isDiskWell: boolean;
}

/** Of a reply to INFO. */
export function healthOf(reply: string): RedisHealth {
  const info = parseInfo(reply);
  const limit = Number(info['maxmemory']);
  const failed = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'].some(
    (name) => info[name] === 'err',
  );
  return { memoryRatio: limit > 0 ? Number(info['used_memory']) / limit : 0, isDiskWell: !failed };
}

/** Asks every ten seconds; returns what it heard last, and what stops it. A Redis that does not answer changes nothing. */
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
