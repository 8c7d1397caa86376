#!/usr/bin/env -S node --max-semi-space-size=4
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { AggregatorRegistry } from 'prom-client';
import { monotonicFactory } from 'ulid';
import { startWorkers } from '../workers/workers.ts';
import { commandNames, runCommand } from './cli/cli.ts';
import { createDesk } from './desk/desk.ts';
import { createKeyStore } from './desk/key-store.ts';
import { openApiOf } from './desk/openapi.ts';
import { RateLimit } from './desk/rate-limit.ts';
import { createSessions } from './desk/session.ts';
import { createStopSwitch } from './desk/stop-switch.ts';
import { systemClock } from './fanout/clock.ts';
import { createFanout, type Fanout } from './fanout/fanout.ts';
import type { Site } from './item/site.ts';
import { beginEditions } from './log/epoch.ts';
import { RedisClock } from './log/redis-clock.ts';
import { createDeskLog } from './log/redis-desk-log.ts';
import { createLogFollower } from './log/redis-log-follower.ts';
import { createLogReader } from './log/redis-log-reader.ts';
import { createWorkerLog } from './log/redis-worker-log.ts';
import { type Config, ConfigError, parseConfig } from './ops/config.ts';
import { fanoutReadings } from './ops/fanout-readings.ts';
import { createHttpServer, listen, type RequestHandler } from './ops/http-server.ts';
import { createLogger, type Logger } from './ops/logger.ts';
import { createRegistry, serveMetrics } from './ops/metrics.ts';
import { type ConnectionKind, connectRedis, whenReady } from './ops/redis.ts';
import { onShutdown } from './ops/shutdown.ts';
import { Supervisor } from './ops/supervisor.ts';
import { BullPublisher } from './queue/bull-publisher.ts';
import { readSite, readVersion } from './site-file.ts';
import { createDeskPage } from './ui/server/desk-page.ts';
import { createPages } from './ui/server/pages.ts';

const roles = ['fanout', 'api', 'worker', 'all', 'edge'] as const;

const usage = `usage: flashwire fanout|api|worker|all, or ${commandNames.join('|')} (--help; see README.md for the environment variables)`;
const publicDir = fileURLToPath(new URL('../public', import.meta.url));

interface Process {
  readonly role: (typeof roles)[number];
  readonly config: Config;
  readonly site: Site;
  readonly editions: readonly string[];
  readonly logger: Logger;
  connect(kind: ConnectionKind, name: string): Redis;
}

async function main(): Promise<void> {
  if (commandNames.includes(process.argv[2] ?? '')) return command(process.argv.slice(2));
  const role = roles.find((known) => known === process.argv[2]);
  if (!role) return fail(usage);
  try {
    const config = parseConfig(process.env);
    const site = readSite(config.FLASHWIRE_CONFIG);
    const logger = createLogger(config.LOG_LEVEL, role);
    const connect = (kind: ConnectionKind, name: string) =>
      connectRedis(config.REDIS_URL, kind, `flashwire-${role}-${name}`, (error) =>
        logger.warn({ connection: name, reason: error.message }, 'redis'),
      );
    const self: Process = { role, config, site, editions: site.editions.map((edition) => edition.id), logger, connect };
    if (role === 'worker') await runWorker(self);
    else if (role === 'all') await runAll(self);
    else await runEdge(self);
  } catch (error) {
    if (error instanceof ConfigError) fail(error.message);
    else if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
      fail(`PORT: ${process.env['PORT'] ?? 8080} is in use by another process; set PORT to a free one`);
    else throw error;
  }
}

/** Serves what its role serves on PORT: `fanout` all that is public, `api` all that needs a key, `edge` (of `all`) both. */
async function runEdge(self: Process): Promise<void> {
  const { role, config, logger } = self;
  const fanout = role === 'api' ? null : openFanout(self);
  const desk = role === 'fanout' ? null : await openDesk(self);
  const pages = fanout && openPages(self, fanout);
  const handlers: RequestHandler[] = [
    ...(fanout ? [fanout.handleRequest.bind(fanout)] : []),
    ...(desk ? [desk.page.handleRequest] : []),
    ...(pages ? [pages.handleRequest] : []),
    ...(desk ? [desk.handle] : []),
  ];
  const server = createHttpServer({
    handlers,
    ...(fanout && { upgrade: (request, socket, head) => fanout.handleUpgrade(request, socket, head) }),
    isReady: () => (fanout?.isReady() ?? true) && (desk?.isReady() ?? true),
    keepAliveMs: config.FLASHWIRE_TRUST_PROXY === '' ? 5_000 : 65_000,
  });
  await fanout?.start();
  const port = await listen(server, config.PORT, config.HOST);
  logger.info({ port, host: config.HOST }, 'listening');
  const metrics = fanout ? fanoutReadings(() => fanout.stats()) : [];
  const registry = createRegistry(metrics, { role });
  if (!cluster.isWorker) await serveMetrics(config.FLASHWIRE_METRICS_PORT, () => registry.metrics(), logger);
  else AggregatorRegistry.setRegistries(registry);
  onShutdown(logger, config.FLASHWIRE_DRAIN_MS + 5_000, async () => {
    // Newcomers hear 503 while the readers are sent away; a closed port would only tell them to try again at once.
    await fanout?.drain(config.FLASHWIRE_DRAIN_MS);
    server.close();
    server.closeAllConnections();
    await fanout?.close();
    await desk?.close();
  });
}

function openFanout({ config, site, editions, logger, connect }: Process): Fanout {
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  return createFanout({
    reader: createLogReader({ redis: connect('command', 'read'), prefix }),
    follower: createLogFollower({
      subscriber: connect('subscriber', 'follow'),
      prefix,
      editions,
      onBadMessage: (edition, error) => logger.error({ edition, err: error }, 'message is not an entry'),
    }),
    site,
    options: {
      beatMs: config.FLASHWIRE_BEAT_MS,
      acceptRate: config.FLASHWIRE_ACCEPT_RATE,
      maxConnectionsPerAddress: config.FLASHWIRE_MAX_CONNECTIONS_PER_IP,
      allowedOrigins: config.FLASHWIRE_ALLOWED_ORIGINS,
      trustProxy: config.FLASHWIRE_TRUST_PROXY,
    },
    logger,
    clock: systemClock,
  });
}

function openPages({ site, config, logger }: Process, fanout: Fanout) {
  return createPages({
    publicDir,
    site,
    news: fanout.view,
    publicUrl: config.FLASHWIRE_PUBLIC_URL,
    onError: (error, path) => logger.warn({ err: error, path }, 'page not made'),
  });
}

async function openDesk({ config, site, editions, logger, connect }: Process) {
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const redis = connect('command', 'desk');
  const clock = new RedisClock(redis);
  const log = createDeskLog({
    redis,
    subscriber: connect('subscriber', 'outcomes'),
    clock,
    prefix,
    editions,
    itemDays: config.FLASHWIRE_ITEM_DAYS,
  });
  const publisher = new BullPublisher({
    connection: connect('command', 'queue'),
    prefix,
    editions,
    now: () => clock.now(),
    onError: (error) => logger.warn({ reason: error.message }, 'queue'),
  });
  const keys = createKeyStore({ redis, prefix, bootstrapKey: config.FLASHWIRE_BOOTSTRAP_KEY });
  const version = readVersion();
  const app = createDesk({
    log,
    publisher,
    keys,
    sessions: createSessions({ redis, prefix, keys, publicUrl: config.FLASHWIRE_PUBLIC_URL }),
    stop: createStopSwitch({ redis, prefix, publisher, now: () => clock.now() }),
    version,
    site,
    rateLimit: new RateLimit(redis, prefix, config.FLASHWIRE_POST_RATE, () => clock.now()),
    newId: monotonicFactory(),
    logger,
  });
  await clock.start();
  return {
    page: createDeskPage({ publicDir, site, api: openApiOf(site, version) }),
    handle: ((request, response) => {
      if (!request.url?.startsWith('/v1/')) return false;
      app(request, response);
      return true;
    }) satisfies RequestHandler,
    isReady: () => redis.status === 'ready',
    close: async () => {
      clock.stop();
      await publisher.close();
      redis.disconnect();
    },
  };
}

/** Takes commands from the queues; listens on PORT only for its health pages, and only as a role of its own. */
async function runWorker({ config, editions, logger, connect }: Process): Promise<void> {
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
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
  await Promise.all([whenReady(redis), whenReady(queue)]);
  await beginEditions(redis, prefix, editions);
  await clock.start();
  const workers = await startWorkers({
    log,
    publisher,
    connect: (name) => connect('blocking', name),
    prefix,
    editions,
    logger,
  });
  const isChild = process.send !== undefined;
  const server = isChild
    ? createServer()
    : createHttpServer({
        handlers: [],
        isReady: () => workers.isRunning() && redis.status === 'ready',
        keepAliveMs: 5_000,
      });
  if (!isChild) logger.info({ port: await listen(server, config.PORT, config.HOST), host: config.HOST }, 'listening');
  logger.info({ editions }, 'working');
  onShutdown(logger, 15_000, async () => {
    server.close();
    await workers.close();
    await publisher.close();
    clock.stop();
    redis.disconnect();
  });
}

/** One supervisor: a worker and the edge processes, all on this machine. */
async function runAll(self: Process): Promise<void> {
  const { config, logger } = self;
  const supervisor = new Supervisor({
    program: fileURLToPath(import.meta.url),
    edges: config.FLASHWIRE_FANOUT_PROCESSES,
    logger,
  });
  const aggregator = new AggregatorRegistry();
  supervisor.start();
  await serveMetrics(config.FLASHWIRE_METRICS_PORT, () => aggregator.clusterMetrics(), logger);
  onShutdown(logger, config.FLASHWIRE_DRAIN_MS + 15_000, () => supervisor.close());
}

/** A command for scripts and emergencies, over the same API as the desk. */
async function command(argv: readonly string[]): Promise<void> {
  process.exitCode = await runCommand(argv, { env: process.env, out: console.log, err: console.error });
}

function fail(line: string): never {
  process.stderr.write(`flashwire: ${line}\n`);
  process.exit(2); // connections that were opened meanwhile would keep the process alive
}

await main();
