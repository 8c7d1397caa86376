import { createServer } from 'node:http';
import { startWorkers } from '../../../workers/workers.ts';
import { createStopSwitch } from '../../api/stop-switch.ts';
import { canaryEdition } from '../../item/canary.ts';
import { createWorkerLog } from '../../log/commands/redis-worker-log.ts';
import { RedisClock } from '../../log/redis/redis-clock.ts';
import { createHttpServer, listen } from '../../ops/http-server.ts';
import { answerMetrics } from '../../ops/metrics/machine-metrics.ts';
import { createRegistry, serveMetrics } from '../../ops/metrics/metrics.ts';
import { workerReadings } from '../../ops/metrics/worker.ts';
import { whenReady } from '../../ops/redis/redis.ts';
import { watchRedisHealth } from '../../ops/redis/redis-health.ts';
import { onShutdown } from '../../ops/shutdown.ts';
import { BullPublisher } from '../../queue/bull-publisher.ts';
import { keepStop } from '../keep-stop.ts';
import { checkOwnSite } from '../own-site.ts';
import { requireSchema } from '../schema.ts';
import { metricsPlace, type Process, readingsOf } from './process.ts';

/** Takes commands from the queues; listens on PORT only for its health pages, and only as a role of its own. */
export async function runWorker(self: Process): Promise<void> {
  const { config, editions: known, logger, connect } = self;
  const editions = [...known, canaryEdition.id];
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const isChild = process.send !== undefined;
  const ownSite = isChild ? null : checkOwnSite(self);
  const redis = connect('command', 'append');
  const clock = new RedisClock(redis);
  const log = createWorkerLog({
    redis,
    clock,
    prefix,
    entriesKept: config.FLASHWIRE_LOG_ENTRIES,
    itemDays: config.FLASHWIRE_ITEM_DAYS,
  });
  const queue = connect('command', 'queue');
  const publisher = new BullPublisher({
    connection: queue,
    prefix,
    editions,
    now: () => clock.now(),
    onError: (error) => logger.warn({ reason: error.message }, 'queue'),
  });
  await requireSchema(self, redis, 'migrate');
  await whenReady(queue);
  await clock.start();
  // An edition that has come into the configuration since STOP was pulled is held too.
  const stop = createStopSwitch({ redis, prefix, publisher, now: () => clock.now() });
  await stop.settle();
  const workers = await startWorkers({
    log,
    publisher,
    connect: (name) => connect('blocking', name),
    prefix,
    editions,
    logger,
    onStuck: (tag) => {
      logger.fatal({ tag }, 'worker stays deaf: this process ends, and its supervisor starts another');
      process.exit(1);
    },
    onLook: keepStop(stop, logger),
  });
  const server = isChild
    ? createServer()
    : createHttpServer({
        handlers: [],
        whyNotReady: () => workers.whyNot() ?? ownSite?.whyNot() ?? null,
        keepAliveMs: 5_000,
        maxConnections: 100,
        onFault: (error, path) => logger.error({ err: error, path }, 'request failed'),
      });
  const redisHealth = watchRedisHealth(redis);
  const readings = [...workerReadings(workers, redisHealth.health), ...readingsOf(self, () => clock.skewMs())];
  const registry = createRegistry(readings, { role: 'worker' });
  if (isChild) answerMetrics(registry);
  else {
    await serveMetrics(metricsPlace(self), () => registry.metrics(), logger);
    logger.info({ port: await listen(server, config.PORT, config.HOST), host: config.HOST }, 'listening');
  }
  logger.info({ editions }, 'working');
  onShutdown(logger, 15_000, async () => {
    server.close();
    redisHealth.stop();
    await workers.close();
    await publisher.close();
    clock.stop();
    redis.disconnect();
  });
  await ownSite?.checked;
}
