import { AggregatorRegistry } from 'prom-client';
import { serveMetrics } from '../ops/metrics.ts';
import { onShutdown } from '../ops/shutdown.ts';
import { Supervisor } from '../ops/supervisor.ts';
import type { Process } from './process.ts';
import { requireSchema } from './schema.ts';

/** One supervisor: a worker and the edge processes, all on this machine. `program` is what they run. */
export async function runAll(self: Process, program: string): Promise<void> {
  const { config, logger, connect } = self;
  // Before the children do, so that what is wrong is said once.
  const redis = connect('command', 'schema');
  await requireSchema(self, redis, 'migrate');
  redis.disconnect();
  const supervisor = new Supervisor({ program, edges: config.FLASHWIRE_FANOUT_PROCESSES, logger });
  const aggregator = new AggregatorRegistry();
  supervisor.start();
  await serveMetrics(config.FLASHWIRE_METRICS_PORT, () => aggregator.clusterMetrics(), logger);
  onShutdown(logger, config.FLASHWIRE_DRAIN_MS + 15_000, () => supervisor.close());
}
