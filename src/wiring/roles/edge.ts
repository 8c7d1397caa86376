import cluster from 'node:cluster';
import { clientKey, parseTrust, peerKey, settleScheme } from '../../fanout/admission/client-address.ts';
import { answerFault, createHttpServer, listen, pathOf, type RequestHandler } from '../../ops/http-server.ts';
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

/** Serves what its role serves on PORT: `fanout` all that is public, `api` all that needs a key, `edge` (of `all`) both. */
export async function runEdge(self: Process): Promise<void> {
  const { role, config, logger } = self;
  const fanout = role === 'api' ? null : openFanout(self);
  const desk = role === 'fanout' ? null : await (await import('./api.ts')).openApiRole(self);
  const ownSite = (fanout ?? desk)?.ownSite;
  const pages = fanout && openPages(self, fanout);
  const trust = parseTrust(config.FLASHWIRE_TRUST_PROXY);
  const answers: RequestHandler[] = [
    (request) => {
      settleScheme(request, trust);
      return false;
    },
    ...(fanout ? [fanout.feed.handleRequest.bind(fanout.feed)] : []),
    ...(desk ? [desk.page.handleRequest] : []),
    ...(pages ? [pages.handleRequest] : []),
    ...(desk ? [desk.handle] : []),
  ];
  const onFault = (error: unknown, path: string) => logger.error({ err: error, path }, 'request failed');
  const dropped = { silent: 0, full: 0 };
  const server = createHttpServer({
    handlers: fanout ? [onceFresh(fanout, answers, onFault)] : answers,
    ...(fanout && { upgrade: (request, socket, head) => fanout.feed.handleUpgrade(request, socket, head) }),
    whyNotReady: () => whyNotReady(fanout, desk) ?? ownSite?.whyNot() ?? null,
    keepAliveMs: config.FLASHWIRE_TRUST_PROXY === '' ? 5_000 : 65_000,
    maxConnections: config.FLASHWIRE_MAX_CONNECTIONS,
    silent: {
      most: config.FLASHWIRE_MAX_CONNECTIONS_PER_IP,
      addressOf: (socket) => peerKey(socket, trust),
    },
    ...(fanout && { unread: { bytes: fanout.unread, addressOf: (request) => clientKey(request, trust) } }),
    onDropped: (why) => {
      dropped[why] += 1;
    },
    onFault,
  });
  const canary = await openCanary(self, fanout, desk);
  if (fanout) {
    await (desk ? desk.started : requireSchema(self, fanout.redis, 'read'));
    await fanout.feed.start();
  }
  const readings = [
    ...(fanout ? fanoutReadings({ ...fanout, stats: () => fanout.feed.stats() }) : []),
    droppedReading(dropped),
    ...readingsOf(self, () => (fanout ?? desk)?.skewMs() ?? 0),
  ];
  const registry = createRegistry(readings, { role }, desk?.metrics);
  if (!cluster.isWorker) await serveMetrics(metricsPlace(self), () => registry.metrics(), logger);
  else answerMetrics(registry);
  const port = await listen(server, config.PORT, config.HOST);
  logger.info({ port, host: config.HOST }, 'listening');
  onShutdown(logger, config.FLASHWIRE_DRAIN_MS + 5_000, async () => {
    ownSite?.stop();
    canary.close();
    // Newcomers hear 503 while the readers are sent away; a closed port would only tell them to try again at once.
    await fanout?.feed.drain(config.FLASHWIRE_DRAIN_MS);
    server.close();
    server.closeAllConnections();
    await fanout?.close();
    await desk?.close();
  });
  await desk?.started;
  // What is wrong is said once: by the supervisor, which listens too.
  if (!cluster.isWorker) await ownSite?.checked;
}

/** Nothing is answered from a memory that may be behind. */
function onceFresh(
  { feed }: FanoutRole,
  answers: readonly RequestHandler[],
  onFault: (error: unknown, path: string) => void,
): RequestHandler {
  return (request, response) => {
    const fresh = feed.whenFresh();
    if (fresh === null) return firstOf(answers, request, response);
    fresh
      .then(() => firstOf(answers, request, response) || response.writeHead(404).end())
      .catch((error: unknown) => {
        onFault(error, pathOf(request));
        answerFault(response);
      });
    return true;
  };
}

function firstOf(answers: readonly RequestHandler[], ...asked: Parameters<RequestHandler>): boolean {
  return answers.some((answer) => answer(...asked));
}

/** What can be served at all comes first, then whether it is proven to arrive. */
function whyNotReady(fanout: FanoutRole | null, desk: ApiRole | null): string | null {
  if (fanout && !fanout.feed.isReady()) return 'not every edition has been loaded, or this process is going away';
  if (desk && !desk.hasStarted()) return 'Redis has not answered yet';
  return fanout?.readiness.whyNot() ?? desk?.readiness.whyNot() ?? null;
}

function openPages({ site, config, logger }: Process, { feed }: FanoutRole) {
  return createPages({
    publicDir,
    site,
    news: feed.view,
    publicUrl: config.FLASHWIRE_PUBLIC_URL,
    securityContact: config.FLASHWIRE_SECURITY_CONTACT,
    onError: (error, path) => logger.warn({ err: error, path }, 'page not made'),
  });
}
