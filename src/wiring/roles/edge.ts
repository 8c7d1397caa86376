import cluster from 'node:cluster';
import type { Server } from 'node:http';
import { openApiOf } from '../../api/openapi/openapi.ts';
import { clientKey, parseTrust, peerKey, settleScheme } from '../../fanout/admission/client-address.ts';
import { isStream } from '../../fanout/endpoints/sse.ts';
import { answerFault, createHttpServer, listen, pathOf, type RequestHandler } from '../../ops/http-server.ts';
import { durabilityReading } from '../../ops/metrics/api.ts';
import { fanoutReadings } from '../../ops/metrics/fanout.ts';
import { answerMetrics } from '../../ops/metrics/machine-metrics.ts';
import { createRegistry, serveMetrics } from '../../ops/metrics/metrics.ts';
import { droppedReading } from '../../ops/metrics/process.ts';
import { onShutdown } from '../../ops/shutdown.ts';
import { Unread } from '../../ops/unread.ts';
import { createDeskPage } from '../../ui/server/desk-page.ts';
import { createPages } from '../../ui/server/pages.ts';
import { requireSchema } from '../schema.ts';
import { readVersion } from '../site-file.ts';
import type { ApiRole } from './api.ts';
import { openCanary } from './canary.ts';
import { type FanoutRole, openFanout } from './fanout.ts';
import { metricsPlace, type Process, publicDir, readingsOf } from './process.ts';
import type { ApiRelay } from './relay.ts';

/** Relayed requests may take this long after the readers have left. */
const answeredWithinMs = 2_000;

interface Parts {
  readonly fanout: FanoutRole | null;
  readonly api: ApiRole | null;
  /** The way to the api process of this machine. */
  readonly relay: ApiRelay | null;
}

/**
 * Listens on PORT. `fanout` serves everything public, `api` everything that needs a key. `edge`, a child of `all`, serves everything
 * public and relays the rest to the api process on `apiSocket`.
 */
export async function runEdge(self: Process, apiSocket: string | null): Promise<void> {
  const { role, config, logger } = self;
  const parts = await openParts(self, apiSocket);
  const { fanout, api, relay } = parts;
  const ownSite = (fanout ?? api)?.ownSite;
  const dropped = { silent: 0, full: 0 };
  const server = openServer(self, parts, (why) => {
    dropped[why] += 1;
  });
  const canary = await openCanary(self, fanout, api);
  if (fanout) {
    await requireSchema(self, fanout.redis, 'read');
    await fanout.feed.start();
  }
  const readings = [
    ...(fanout ? fanoutReadings({ ...fanout, stats: () => fanout.feed.stats() }) : []),
    ...(api ? [durabilityReading(() => api.durability()?.state ?? null)] : []),
    ...(relay?.readings ?? []),
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
    await relay?.drain(answeredWithinMs);
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

/** A role loads only what it needs: an edge has no use for Express and BullMQ. */
async function openParts(self: Process, apiSocket: string | null): Promise<Parts> {
  if (self.role === 'api') {
    const trust = parseTrust(self.config.FLASHWIRE_TRUST_PROXY);
    const { openApiRole } = await import('./api.ts');
    return { fanout: null, relay: null, api: await openApiRole(self, (request) => clientKey(request, trust)) };
  }
  const unread = new Unread();
  const relay = apiSocket === null ? null : (await import('./relay.ts')).openRelay(self, apiSocket, unread);
  return { fanout: openFanout(self, relay, unread), relay, api: null };
}

/** Everything that answers on PORT, in the order in which it is tried. */
function openServer(self: Process, parts: Parts, onDropped: (why: 'silent' | 'full') => void): Server {
  const { config, logger } = self;
  const { fanout, api, relay } = parts;
  const trust = parseTrust(config.FLASHWIRE_TRUST_PROXY);
  const pages = fanout && openPages(self, fanout);
  const desk = api ?? relay;
  const ownSite = (fanout ?? api)?.ownSite;
  const handlers: RequestHandler[] = [
    (request) => {
      settleScheme(request, trust);
      return false;
    },
    ...(fanout ? [fanout.feed.handleRequest.bind(fanout.feed)] : []),
    ...(desk ? [openDeskPage(self).handleRequest] : []),
    ...(pages ? [pages.handleRequest] : []),
    ...(desk ? [desk.handle] : []),
    ...(pages ? [pages.answerMissing] : []),
  ];
  const onFault = (error: unknown, path: string) => logger.error({ err: error, path }, 'request failed');
  return createHttpServer({
    handlers: fanout ? [onceFresh(fanout, handlers, onFault)] : handlers,
    ...(fanout && {
      upgrade: (request, socket, head) => fanout.feed.handleUpgrade(request, socket, head),
      isStream,
    }),
    whyNotReady: () => whyNotReady(parts) ?? ownSite?.whyNot() ?? null,
    ...(desk && { notes: () => desk.notes() }),
    ...(relay && { isHurried: relay.isBusy }),
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

/** First whether the process can serve anything, then whether a canary proves that it does. */
function whyNotReady({ fanout, api, relay }: Parts): string | null {
  if (fanout && !fanout.feed.isReady()) return 'not every edition is loaded, or this process is draining';
  if (relay && !relay.hasStarted()) return 'the api process has not started';
  return fanout?.readiness.whyNot() ?? api?.whyNotReady() ?? null;
}

/** The desk page needs no api process. */
function openDeskPage({ site }: Process) {
  return createDeskPage({ publicDir, site, api: openApiOf(site, readVersion()) });
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
