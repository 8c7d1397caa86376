import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { monotonicFactory } from 'ulid';
import { FailedKeys } from '../../src/api/access/failed-keys.ts';
import { KeyStore } from '../../src/api/access/key-store.ts';
import { otherLimits, RateLimit } from '../../src/api/access/rate-limit.ts';
import { createSessions } from '../../src/api/access/session.ts';
import { createApi } from '../../src/api/api.ts';
import { Deliveries } from '../../src/api/deliveries.ts';
import { type ApiMeter, silentMeter } from '../../src/api/meter.ts';
import { createStopSwitch } from '../../src/api/stop-switch.ts';
import type { Site } from '../../src/item/site.ts';
import { createDeskLog } from '../../src/log/commands/redis-desk-log.ts';
import { createWorkerLog } from '../../src/log/commands/redis-worker-log.ts';
import { RedisClock } from '../../src/log/redis/redis-clock.ts';
import { createRollCall, type RollCall } from '../../src/log/rollcall/delivery-report.ts';
import { Roll } from '../../src/log/rollcall/roll.ts';
import { createAudit } from '../../src/log/trail/audit.ts';
import { connectRedis } from '../../src/ops/redis/redis.ts';
import { BullPublisher } from '../../src/queue/bull-publisher.ts';
import { noticeIn } from '../../src/ui/strings/strings.ts';
import { startWorkers } from '../../workers/workers.ts';
import { ownPrefix } from '../redis-server.ts';
import { testKey } from '../resources/flashwire.ts';
import { site as usualSite } from '../resources/site.ts';

export interface RunningApi extends AsyncDisposable {
  readonly url: string;
  readonly keys: KeyStore;
  readonly redis: Redis;
  readonly prefix: string;
  readonly rollCall: RollCall;
  readonly deliveries: Deliveries;
  readonly roll: Roll;
  /** How many commands wait for anything. */
  waiting(): Promise<number>;
}

/** The desk API over real HTTP and real Redis, with workers unless told otherwise. */
export async function startApi(
  redisUrl: string,
  options: {
    readonly workers?: boolean;
    readonly postRate?: number;
    readonly meter?: ApiMeter;
    readonly wrongKeysPerMinute?: number;
    readonly site?: Site;
  } = {},
): Promise<RunningApi> {
  const prefix = ownPrefix();
  const { site = usualSite } = options;
  const editions = site.editions.map(({ id }) => id);
  const connections: Redis[] = [];
  const connect = (kind: 'command' | 'blocking' | 'subscriber') => {
    const redis = connectRedis(redisUrl, kind, 'test', () => undefined);
    connections.push(redis);
    return redis;
  };
  const redis = connect('command');
  const queue = connect('command');
  await Promise.all([redis, queue].map((one) => once(one, 'ready')));
  const clock = new RedisClock(redis);
  await clock.start();
  const logger = pino({ level: 'silent' });
  const publisher = new BullPublisher({
    connection: queue,
    prefix,
    editions,
    now: () => clock.now(),
    onError: () => undefined,
  });
  const workers =
    options.workers === false
      ? null
      : await startWorkers({
          log: createWorkerLog({ redis, clock, prefix, entriesKept: 10_000, itemDays: 1 }),
          publisher,
          connect: () => connect('blocking'),
          prefix,
          editions,
          logger,
        });
  const subscriber = connect('subscriber');
  const rollCall = createRollCall({ redis, subscriber, prefix });
  const roll = new Roll(rollCall);
  const deliveries = new Deliveries({ redis, prefix, rollCall, roll, now: () => clock.now() });
  const keys = new KeyStore({ redis, prefix, bootstrapKey: testKey });
  const app = createApi({
    log: createDeskLog({ redis, subscriber, clock, prefix, editions, itemDays: 400 }),
    publisher,
    keys,
    sessions: createSessions({ redis, prefix, keys, publicUrl: undefined }),
    stop: createStopSwitch({ redis, prefix, publisher, now: () => clock.now() }),
    rateLimit: new RateLimit(redis, prefix, options.postRate ?? 10_000, () => clock.now()),
    limits: otherLimits(redis, prefix, () => clock.now()),
    failedKeys: new FailedKeys({
      perMinute: options.wrongKeysPerMinute ?? 10_000,
      addressOf: ({ socket }) => socket.remoteAddress ?? '',
      now: () => performance.now(),
      onMany: () => undefined,
    }),
    site,
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
    meter: options.meter ?? silentMeter,
    logger,
    newId: monotonicFactory(),
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
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
    waiting: async () => {
      const counts = await Promise.all(editions.map((edition) => redis.zcard(`${prefix}:{${edition}}:due`)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      clock.stop();
      await workers?.close();
      await publisher.close().catch(() => undefined); // its Redis may have been killed by the test
      for (const connection of connections) connection.disconnect();
    },
  };
}
