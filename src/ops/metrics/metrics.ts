import { createServer } from 'node:http';
import { isIP } from 'node:net';
import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { listen, pathOf } from '../http-server.ts';
import type { Logger } from '../logger.ts';
import { boundPipeline } from '../pipeline.ts';

/** A named number that is read when Prometheus asks: a counter if its name ends with `_total`, otherwise a gauge. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  /** One value, or one for each label value of a closed set. */
  read(): number | Readonly<Record<string, number>>;
  readonly label?: string;
  /** What several processes of one machine make of it; their sum if left out. */
  readonly aggregate?: 'max' | 'min';
}

/** They list every handle and file at each scrape: 25 ms of a process with 10,000 readers. `flashwire_connections` says the same. */
const costlyMetrics = [
  'process_open_fds',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
];

/** Node's own metrics, these readings and these metrics, as one registry. */
export function createRegistry(
  readings: readonly Reading[],
  labels: Readonly<Record<string, string>>,
  metrics: readonly Metric[] = [],
): Registry {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry });
  for (const name of costlyMetrics) registry.removeSingleMetric(name);
  for (const metric of [...readings.map(metricOf), ...metrics]) registry.registerMetric(metric);
  return registry;
}

export interface MetricsPlace {
  readonly host: string;
  readonly port: number;
}

/**
 * Serves `GET /metrics` at an address and a port of its own, loopback unless the operator says otherwise. One that cannot be
 * opened costs the metrics, not the service.
 */
export async function serveMetrics(
  { host, port }: MetricsPlace,
  collect: () => Promise<string>,
  logger: Logger,
): Promise<void> {
  const answer = boundPipeline((request, response) => {
    if (isLoopback(host) && !isOfThisHost(request.headers.host)) {
      response.writeHead(421).end();
      return;
    }
    if (request.method !== 'GET' || pathOf(request) !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    collect().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  const server = createServer(answer);
  try {
    logger.info({ metricsHost: host, metricsPort: await listen(server, port, host) }, 'metrics');
    server.unref();
  } catch (error) {
    logger.warn(
      { err: error, metricsHost: host, metricsPort: port },
      'no metrics: FLASHWIRE_METRICS_HOST and FLASHWIRE_METRICS_PORT cannot be opened',
    );
  }
}

function isLoopback(host: string): boolean {
  return /^(127\.|::1$|localhost$)/i.test(host);
}

/** Not for a page whose name its owner has turned to 127.0.0.1 (DNS rebinding): that one asks for its name. */
function isOfThisHost(header = 'localhost'): boolean {
  const name = header.replace(/:\d*$/, '').toLowerCase();
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

function metricOf(reading: Reading): Metric {
  const { name, help, label, aggregate } = reading;
  const shape = {
    name,
    help,
    registers: [],
    ...(aggregate && { aggregator: aggregate }),
    labelNames: label ? [label] : [],
  };
  if (!name.endsWith('_total'))
    return new Gauge({
      ...shape,
      collect() {
        for (const [labels, value] of valuesOf(reading)) this.set(labels, value);
      },
    });
  return new Counter({
    ...shape,
    collect() {
      this.reset();
      for (const [labels, value] of valuesOf(reading)) this.inc(labels, value);
    },
  });
}

function valuesOf({ read, label = 'name' }: Reading): readonly (readonly [Record<string, string>, number])[] {
  const value = read();
  if (typeof value === 'number') return [[{}, value]];
  return Object.entries(value).map(([key, number]) => [{ [label]: key }, number]);
}
