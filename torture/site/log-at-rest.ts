import { createLogReader } from '../../src/log/entries/redis-log-reader.ts';
import type { RedisConnection } from '../../src/log/redis/shards.ts';
import { verifyEdition } from '../../src/log/trail/verify.ts';
import type { EventOf } from '../checker/history.ts';

/** The whole log as it stands, with what `verify` says of it. */
export async function readLog(redis: RedisConnection, at: number): Promise<EventOf<'log'>> {
  const reader = createLogReader({ redis, prefix: 'fw' });
  const state = await reader.load('en', { items: 1_000, entries: 100_000 });
  const { broken } = await verifyEdition(redis, 'fw', 'en');
  return {
    e: 'log',
    at,
    epoch: state.head.epoch,
    entries: state.entries.map(({ seq, itemId, version, change, reason, item, was, now }) => ({
      seq,
      id: itemId,
      version,
      // A release shows again what an entry before it has said.
      headline: change === 'released' ? null : (item?.headline ?? null),
      was: was?.sections ?? null,
      now: now?.sections ?? null,
      ...(reason === 'expired' && { isByClock: true as const }),
    })),
    shown: state.items.map(({ item: { id, version, place }, facets: { sections } }) => ({
      id,
      version,
      place,
      sections,
    })),
    broken,
  };
}

/** Commands whose time has come and that no worker has appended yet. */
export async function due(redis: RedisConnection): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return redis.zcount('fw:{en}:due', '-inf', Number(seconds) * 1_000 + Math.ceil(Number(microseconds) / 1_000));
}
