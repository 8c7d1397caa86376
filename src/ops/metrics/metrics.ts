import { createServer } from 'node:http';
import { isIP } from 'node:net';
import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { listen, pathOf } from '../http-server.ts';
import type { Logger } from '../logger.ts';
import { boundPipeline } from '../pipeline.ts';
import { isTraced } from '../traces.ts';

/** A number that is read when Prometheus scrapes: a counter if its name ends with `_total`, otherwise a gauge. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  /** One value, or one per label value of a closed set. */
  read(): number | Readonly<Record<string, number>>;
  readonly label?: string;
  /** How the supervisor merges the values of several processes; their sum if left out. */
  readonly aggregate?: 'max' | 'min';
}

/** A reading of this program; `name` is without the prefix `flashwire_`. */
export function reading(
  name: string,
  help: string,
  read: Reading['read'],
  options: Pick<Reading, 'label' | 'aggregate'> = {},
): Reading {
  return { name: `flashwire_${name}`, help, read, ...options };
}

/** Each scrape would list every handle and file: 25 ms in a process with 10,000 readers. `flashwire_connections` has the same number. */
const costlyMetrics = [
  'process_open_fds',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
];

/** One registry of Node's own metrics, `readings` and `metrics`. */
export function createRegistry(
  readings: readonly Reading[],
  labels: Readonly<Record<string, string>>,
  metrics: readonly Metric[] = [],
): Registry {
  // Only OpenMetrics has exemplars, which lead from a latency to a trace.
  const registry: Registry = new Registry();
  if (isTraced()) registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
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
 * Serves `GET /metrics` at its own address and port, loopback unless the operator sets another. If the port cannot be opened,
 * the process runs without metrics.
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
      (text) => response.writeHead(200, { 'content-type': contentTypeOf(text) }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  const server = createServer(answer);
  try {
    logger.info({ metricsHost: host, metricsPort: await listen(server, port, host) }, 'metrics server started');
    server.unref();
  } catch (error) {
    logger.warn(
      { err: error, metricsHost: host, metricsPort: port },
      'metrics not served: FLASHWIRE_METRICS_HOST and FLASHWIRE_METRICS_PORT cannot be opened',
    );
  }
}

function contentTypeOf(text: string): string {
  return text.endsWith('# EOF\n') ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE;
}

function isLoopback(host: string): boolean {
  return /^(127\.|::1$|localhost$)/i.test(host);
}

/** A page whose name resolves to 127.0.0.1 (DNS rebinding) sends that name as Host, and gets no metrics. */
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
