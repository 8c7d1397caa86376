import cluster from 'node:cluster';
import type { Server } from 'node:http';
import { clientKey, parseTrust, peerKey, settleScheme } from '../../fanout/admission/client-address.ts';
import { isStream } from '../../fanout/endpoints/sse.ts';
import { answerFault, createHttpServer, listen, pathOf, type RequestHandler } from '../../ops/http-server.ts';
import { durabilityReading } from '../../ops/metrics/api.ts';
import { fanoutReadings } from '../../ops/metrics/fanout.ts';
import { answerMetrics } from '../../ops/metrics/machine-metrics.ts';
import { createRegistry, serveMetrics } from '../../ops/metrics/metrics.ts';
import { droppedReading } from '../../ops/metrics/process.ts';
import { onShutdown } from '../../ops/shutdown.ts';
import { createPages } from '../../ui/server/pages.ts';
import { requireSchema } from '../schema.ts';
import type { ApiRole } from './api.ts';
import { openCanary } from './canary.ts';
import { type FanoutRole, openFanout } from './fanout.ts';
import { metricsPlace, type Process, publicDir, readingsOf } from './process.ts';

/** Listens on PORT. `fanout` serves everything public, `api` everything that needs a key, `edge` (a child of `all`) both. */
export async function runEdge(self: Process): Promise<void> {
  const { role, config, logger } = self;
  const fanout = role === 'api' ? null : openFanout(self);
  const api = role === 'fanout' ? null : await (await import('./api.ts')).openApiRole(self);
  const ownSite = (fanout ?? api)?.ownSite;
  const dropped = { silent: 0, full: 0 };
  const server = openServer(self, fanout, api, (why) => {
    dropped[why] += 1;
  });
  const canary = await openCanary(self, fanout, api);
  if (fanout) {
    await (api ? api.started : requireSchema(self, fanout.redis, 'read'));
    await fanout.feed.start();
  }
  const readings = [
    ...(fanout ? fanoutReadings({ ...fanout, stats: () => fanout.feed.stats() }) : []),
    ...(api ? [durabilityReading(() => api.durability()?.state ?? null)] : []),
    droppedReading(dropped),
    ...readingsOf(self, () => (fanout ?? api)?.skewMs() ?? 0),
  ];
  const registry = createRegistry(readings, { role }, api?.metrics);
  if (!cluster.isWorker) await serveMetrics(metricsPlace(self), () => registry.metrics(), logger);
  else answerMetrics(registry);
  const port = await listen(server, config.PORT, config.HOST);
  logger.info({ port, host: config.HOST }, 'listening');
  onShutdown(logger, config.FLASHWIRE_DRAIN_MS + 5_000, async () => {
    ownSite?.stop();
    canary.close();
    // New clients get 503 while the readers drain; with a closed port they would retry at once.
    await fanout?.feed.drain(config.FLASHWIRE_DRAIN_MS);
    await api?.endStreams();
    server.close();
    server.closeAllConnections();
    await fanout?.close();
    await api?.close();
  });
  await api?.started;
  // In a cluster the supervisor checks this too, and says it once.
  if (!cluster.isWorker) await ownSite?.checked;
}

/** Everything that answers on PORT, in the order in which it is tried. */
function openServer(
  self: Process,
  fanout: FanoutRole | null,
  api: ApiRole | null,
  onDropped: (why: 'silent' | 'full') => void,
): Server {
  const { config, logger } = self;
  const trust = parseTrust(config.FLASHWIRE_TRUST_PROXY);
  const pages = fanout && openPages(self, fanout);
  const ownSite = (fanout ?? api)?.ownSite;
  const handlers: RequestHandler[] = [
    (request) => {
      settleScheme(request, trust);
      return false;
    },
    ...(fanout ? [fanout.feed.handleRequest.bind(fanout.feed)] : []),
    ...(api ? [api.page.handleRequest] : []),
    ...(pages ? [pages.handleRequest] : []),
    ...(api ? [api.handle] : []),
    ...(pages ? [pages.answerMissing] : []),
  ];
  const onFault = (error: unknown, path: string) => logger.error({ err: error, path }, 'request failed');
  return createHttpServer({
    handlers: fanout ? [onceFresh(fanout, handlers, onFault)] : handlers,
    ...(fanout && {
      upgrade: (request, socket, head) => fanout.feed.handleUpgrade(request, socket, head),
      isStream,
    }),
    whyNotReady: () => whyNotReady(fanout, api) ?? ownSite?.whyNot() ?? null,
    ...(api && { notes: () => notesOf(api) }),
    keepAliveMs: config.FLASHWIRE_TRUST_PROXY === '' ? 5_000 : 65_000,
    maxConnections: config.FLASHWIRE_MAX_CONNECTIONS,
    silent: {
      most: config.FLASHWIRE_MAX_CONNECTIONS_PER_IP,
      addressOf: (socket) => peerKey(socket, trust),
    },
    ...(fanout && { unread: { bytes: fanout.unread, addressOf: (request) => clientKey(request, trust) } }),
    onDropped,
    onFault,
  });
}

/** Delays a request until the replica is fresh, so that no answer comes from a replica that may be stale. */
function onceFresh(
  { feed }: FanoutRole,
  handlers: readonly RequestHandler[],
  onFault: (error: unknown, path: string) => void,
): RequestHandler {
  return (request, response) => {
    const fresh = feed.whenFresh();
    if (fresh === null) return firstOf(handlers, request, response);
    fresh
      .then(() => firstOf(handlers, request, response) || response.writeHead(404).end())
      .catch((error: unknown) => {
        onFault(error, pathOf(request));
        answerFault(response);
      });
    return true;
  };
}

function firstOf(handlers: readonly RequestHandler[], ...args: Parameters<RequestHandler>): boolean {
  return handlers.some((handle) => handle(...args));
}

/** Anybody may read it, so it has the state only; the log says why. */
function notesOf(api: ApiRole): readonly string[] {
  const durability = api.durability();
  return durability === null ? [] : [`redis: ${durability.state}`];
}

/** First whether the process can serve anything, then whether a canary proves that it does. */
function whyNotReady(fanout: FanoutRole | null, api: ApiRole | null): string | null {
  if (fanout && !fanout.feed.isReady()) return 'not every edition is loaded, or this process is draining';
  if (api && !api.hasStarted()) return 'Redis has not answered yet';
  return fanout?.readiness.whyNot() ?? api?.readiness.whyNot() ?? null;
}

function openPages({ site, pictures, config, logger }: Process, { feed, sourcesOf }: FanoutRole) {
  return createPages({
    publicDir,
    site,
    pictures,
    news: feed.view,
    sourcesOf,
    publicUrl: config.FLASHWIRE_PUBLIC_URL,
    allowedOrigins: config.FLASHWIRE_ALLOWED_ORIGINS,
    securityContact: config.FLASHWIRE_SECURITY_CONTACT,
    onError: (error, path) => logger.warn({ err: error, path }, 'page not rendered'),
  });
}
