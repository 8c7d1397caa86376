import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { FailedKeys } from '../../src/api/access/failed-keys.ts';
import { KeyStore } from '../../src/api/access/key-store.ts';
import { otherLimits, RateLimit } from '../../src/api/access/rate-limit.ts';
import { createSessions } from '../../src/api/access/session.ts';
import { createApi } from '../../src/api/api.ts';
import { Deliveries } from '../../src/api/deliveries.ts';
import { NewestLines } from '../../src/api/guards/newest-lines.ts';
import { type ApiMeter, silentMeter } from '../../src/api/meter.ts';
import { createStopSwitch } from '../../src/api/stop-switch.ts';
import { DeskHub } from '../../src/api/stream/desk-hub.ts';
import type { Site } from '../../src/item/site.ts';
import { createConfirmedSources } from '../../src/log/commands/confirmed-sources.ts';
import { followDeskNews } from '../../src/log/commands/desk-news.ts';
import { createRollCall, type RollCall } from '../../src/log/rollcall/delivery-report.ts';
import { Roll } from '../../src/log/rollcall/roll.ts';
import { createAudit } from '../../src/log/trail/audit.ts';
import { connectRedis } from '../../src/ops/redis/redis.ts';
import { noticeIn } from '../../src/ui/strings/strings.ts';
import { testKey, until } from '../resources/flashwire.ts';
import { openNewsroom } from '../resources/newsroom.ts';
import { addressOf } from '../resources/redis-server.ts';
import { site as usualSite } from '../resources/site.ts';

export interface RunningApi extends AsyncDisposable {
  readonly url: string;
  readonly keys: KeyStore;
  readonly redis: Redis;
  readonly prefix: string;
  readonly rollCall: RollCall;
  readonly deliveries: Deliveries;
  readonly roll: Roll;
  readonly hub: DeskHub;
  readonly lines: NewestLines;
  /** The connection that every subscription of this process shares. */
  readonly subscriber: Redis;
  /** How many commands wait for anything. */
  waiting(): Promise<number>;
}

/** The desk API over real HTTP and real Redis, with workers by default. */
export async function startApi(
  redisUrl: string,
  options: {
    readonly workers?: boolean;
    readonly postRate?: number;
    readonly meter?: ApiMeter;
    readonly wrongKeysPerMinute?: number;
    readonly site?: Site;
    /** Shared by several API processes of one site. */
    readonly prefix?: string;
  } = {},
): Promise<RunningApi> {
  const { site = usualSite } = options;
  const editions = site.editions.map(({ id }) => id);
  const newsroom = await openNewsroom(redisUrl, {
    editions,
    ...(options.prefix !== undefined && { prefix: options.prefix }),
  });
  const { prefix, redis, desk, publisher, newId } = newsroom;
  const now = () => desk.now();
  if (options.workers !== false) await newsroom.work();
  const subscriber = connectRedis(addressOf(redisUrl), 'subscriber', 'test', () => undefined);
  const rollCall = createRollCall({ redis, subscriber, prefix });
  const roll = new Roll(rollCall);
  const deliveries = new Deliveries({ redis, prefix, rollCall, roll, now });
  const keys = new KeyStore({ redis, prefix, bootstrapKey: testKey });
  const stop = createStopSwitch({ redis, prefix, publisher, now });
  const news = followDeskNews({ subscriber, prefix, onRefused: () => undefined });
  const lines = new NewestLines({ editions, news, item: desk.item });
  const hub = new DeskHub({
    lines,
    redis,
    prefix,
    log: desk,
    editions,
    news,
    siteNews: news,
    stop,
    process: randomUUID(),
    logger: pino({ level: 'silent' }),
    reachOf: (id) => deliveries.newest(id),
    audience: () => ({ ...deliveries.audience(), durability: 'single' }),
  });
  deliveries.onProof((edition, id) => hub.proof(edition, id));
  const app = createApi({
    log: desk,
    hub,
    publisher,
    keys,
    sessions: createSessions({ redis, prefix, keys, publicUrl: undefined }),
    stop,
    rateLimit: new RateLimit(redis, prefix, options.postRate ?? 10_000, now),
    limits: otherLimits(redis, prefix, now),
    failedKeys: new FailedKeys({
      perMinute: options.wrongKeysPerMinute ?? 10_000,
      addressOf: ({ socket }) => socket.remoteAddress ?? '',
      now: () => performance.now(),
      onMany: () => undefined,
    }),
    site,
    lines,
    sources: createConfirmedSources({ redis, prefix }),
    noticeIn,
    base: '/v1',
    audit: createAudit({
      redis,
      prefix,
      onLost: (error) => {
        throw error;
      },
    }),
    deliveries,
    version: '0.0.0',
    durability: () => 'single',
    meter: options.meter ?? silentMeter,
    logger: pino({ level: 'silent' }),
    newId,
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await until(news.isFollowing, 5_000, 'it follows the desk news');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    keys,
    redis,
    prefix,
    rollCall,
    deliveries,
    roll,
    hub,
    lines,
    subscriber,
    waiting: async () => {
      const counts = await Promise.all(editions.map((edition) => redis.zcard(`${prefix}:{${edition}}:due`)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await newsroom[Symbol.asyncDispose]();
      subscriber.disconnect();
    },
  };
}
