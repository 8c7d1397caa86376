import { rmSync } from 'node:fs';
import { closeOnceAnswered, createHttpServer, listenAt } from '../../ops/http-server.ts';
import { durabilityReading } from '../../ops/metrics/api.ts';
import { answerMetrics } from '../../ops/metrics/machine-metrics.ts';
import { createRegistry } from '../../ops/metrics/metrics.ts';
import { StatedClients } from '../../ops/relay/stated-clients.ts';
import { onShutdown } from '../../ops/shutdown.ts';
import { openApiRole } from './api.ts';
import { openCanary } from './canary.ts';
import { type Process, readingsOf } from './process.ts';

/** Longer than `idleMs` of the edges (src/ops/relay/relay.ts), so that they close the connections. */
const keepAliveMs = 65_000;
const answeredWithinMs = 3_000;

/** The api as a child of `all`: answers on a Unix socket what edges relay, and believes them which client asks. */
export async function runApiChild(self: Process, socketPath: string): Promise<void> {
  const { role, config, logger } = self;
  const stated = new StatedClients();
  const api = await openApiRole(self, (request) => stated.of(request) ?? 'gone');
  const canary = await openCanary(self, null, api);
  const server = createHttpServer({
    handlers: [api.handle],
    whyNotReady: () => api.whyNotReady(),
    notes: () => api.notes(),
    keepAliveMs,
    maxHeaderBytes: 16_384, // what an edge has accepted, and the client's address
    maxConnections: (config.FLASHWIRE_MAX_CONNECTIONS + 1) * config.FLASHWIRE_FANOUT_PROCESSES,
    onFault: (error, path) => logger.error({ err: error, path }, 'request failed'),
  });
  stated.trust(server);
  const readings = [durabilityReading(() => api.durability()?.state ?? null), ...readingsOf(self, () => api.skewMs())];
  answerMetrics(createRegistry(readings, { role }, api.metrics));
  rmSync(socketPath, { force: true }); // the process before this one may have been killed
  await listenAt(server, socketPath);
  logger.info('listening for edges');
  onShutdown(logger, config.FLASHWIRE_DRAIN_MS + 5_000, async () => {
    canary.close();
    await api.endStreams();
    await closeOnceAnswered(server, answeredWithinMs);
    await api.close();
  });
  await api.started;
}
