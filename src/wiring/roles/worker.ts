import { createServer } from 'node:http';
import { startWorkers } from '../../../workers/workers.ts';
import { createStopSwitch, type StopSwitch } from '../../api/stop-switch.ts';
import { canaryEdition } from '../../item/canary.ts';
import { createWorkerLog } from '../../log/commands/redis-worker-log.ts';
import { primariesOf, Shards } from '../../log/redis/shards.ts';
import { createHttpServer, listen } from '../../ops/http-server.ts';
import { answerMetrics } from '../../ops/metrics/machine-metrics.ts';
import { createRegistry, serveMetrics } from '../../ops/metrics/metrics.ts';
import { workerReadings } from '../../ops/metrics/worker.ts';
import { whenReady } from '../../ops/redis/redis.ts';
import { watchRedisHealth } from '../../ops/redis/redis-health.ts';
import { onShutdown } from '../../ops/shutdown.ts';
import { openTraces } from '../../ops/traces.ts';
import { BullPublisher } from '../../queue/bull-publisher.ts';
import { keepStop } from '../keep-stop.ts';
import { checkOwnSite } from '../own-site.ts';
import { requireSchema } from '../schema.ts';
import { readVersion } from '../site-file.ts';
import { traceAppends } from '../traced.ts';
import { metricsPlace, type Process, readingsOf } from './process.ts';

/** Appends the commands of the queues. A worker that is not a child of `all` listens on PORT for its health pages. */
export async function runWorker(self: Process): Promise<void> {
  const { config, logger, connect } = self;
  const editions = [...self.editions, canaryEdition.id];
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const isChild = process.send !== undefined;
  const ownSite = isChild ? null : checkOwnSite(self);
  const redis = connect('command', 'append');
  const queue = connect('command', 'queue');
  const shards = new Shards(redis, prefix, editions);
  const now = (edition: string) => shards.of(edition).clock.now();
  const publisher = new BullPublisher({
    connection: queue,
    prefix,
    editions,
    now,
    onError: (error) => logger.warn({ reason: error.message }, 'queue connection failed'),
  });
  await requireSchema(self, redis, 'migrate');
  await whenReady(queue);
  await shards.start();
  const stop = createStopSwitch({ redis, prefix, publisher, now: () => shards.site.clock.now() });
  // STOP also holds an edition that was configured after STOP was pulled.
  await stop.settle();
  const workers = await openWorkers(self, editions, { shards, publisher, stop });
  const server = isChild ? createServer() : openHealthPages(self, () => workers.whyNot() ?? ownSite?.whyNot() ?? null);
  const redisHealth = watchRedisHealth(() => primariesOf(redis));
  const readings = [
    ...workerReadings(workers, redisHealth.health),
    ...readingsOf(self, () => shards.site.clock.skewMs()),
  ];
  const registry = createRegistry(readings, { role: 'worker' });
  if (isChild) answerMetrics(registry);
  else {
    await serveMetrics(metricsPlace(self), () => registry.metrics(), logger);
    logger.info({ port: await listen(server, config.PORT, config.HOST), host: config.HOST }, 'listening');
  }
  logger.info({ editions }, 'worker started');
  onShutdown(logger, 15_000, async () => {
    server.close();
    redisHealth.stop();
    await workers.close();
    await publisher.close();
    shards.stop();
    redis.disconnect();
  });
  await ownSite?.checked;
}

interface WorkerParts {
  readonly shards: Shards;
  readonly publisher: BullPublisher;
  readonly stop: StopSwitch;
}

function openWorkers(
  { config, logger, connect, subscribe }: Process,
  editions: readonly string[],
  { shards, publisher, stop }: WorkerParts,
) {
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const log = createWorkerLog({
    shards,
    prefix,
    entriesKept: config.FLASHWIRE_LOG_ENTRIES,
    itemDays: config.FLASHWIRE_ITEM_DAYS,
  });
  const traces = openTraces(readVersion());
  return startWorkers({
    log: traces ? traceAppends(traces, log) : log,
    publisher,
    subscriber: subscribe('wake-ups'),
    connect: (name) => connect('blocking', name),
    prefix,
    editions,
    logger,
    onStuck: (tag) => {
      logger.fatal({ tag }, 'worker stays deaf, exiting for a restart');
      process.exit(1);
    },
    onLook: keepStop(stop, logger),
  });
}

function openHealthPages({ logger }: Process, whyNotReady: () => string | null) {
  return createHttpServer({
    handlers: [],
    whyNotReady,
    keepAliveMs: 5_000,
    maxConnections: 100,
    onFault: (error, path) => logger.error({ err: error, path }, 'request failed'),
  });
}
