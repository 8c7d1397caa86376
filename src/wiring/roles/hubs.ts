import type { Redis } from 'ioredis';
import type { ApiDeps } from '../../api/api.ts';
import type { Deliveries } from '../../api/deliveries.ts';
import { NewestLines } from '../../api/guards/newest-lines.ts';
import { DeskHub } from '../../api/stream/desk-hub.ts';
import { followDeskNews } from '../../log/commands/desk-news.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import type { Process } from './process.ts';

interface HubParts extends Pick<ApiDeps, 'log' | 'stop'> {
  readonly redis: RedisConnection;
  readonly subscriber: Redis;
  readonly deliveries: Deliveries;
  readonly durability: ApiDeps['durability'];
  readonly rehearsal: Pick<ApiDeps, 'log'> & { readonly prefix: string };
}

/** The streams of open desks and the newest lines, of the site and of its rehearsal. STOP, keys and sessions are the site's in both. */
export function openHubs(
  { config, editions, logger, id }: Process,
  { redis, subscriber, deliveries, durability, log, stop, rehearsal }: HubParts,
) {
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const onRefused = (error: unknown) => logger.error({ err: error }, 'desk news refused by Redis');
  const siteNews = followDeskNews({ subscriber, prefix, onRefused });
  const testNews = followDeskNews({ subscriber, prefix: rehearsal.prefix, onRefused });
  const audience = () => ({ ...deliveries.audience(), durability: durability() });
  const reachOf = (itemId: string) => deliveries.newest(itemId);
  const both = { redis, editions, siteNews, stop, process: id, logger, audience };
  const lines = new NewestLines({ editions, news: siteNews, item: log.item });
  const testLines = new NewestLines({ editions, news: testNews, item: rehearsal.log.item });
  const hub = new DeskHub({ ...both, prefix, log, lines, news: siteNews, reachOf });
  deliveries.onProof((edition, itemId) => hub.proof(edition, itemId));
  return {
    hub,
    testHub: new DeskHub({ ...both, ...rehearsal, lines: testLines, news: testNews, reachOf: () => null }),
    lines,
    testLines,
  };
}
