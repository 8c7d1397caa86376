import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Goodbyes } from '../../log/rollcall/goodbyes.ts';
import { supervisorReadings } from '../../ops/metrics/all.ts';
import { machineMetrics } from '../../ops/metrics/machine-metrics.ts';
import { createRegistry, serveMetrics } from '../../ops/metrics/metrics.ts';
import { openPrivateFolder } from '../../ops/relay/private-folder.ts';
import { onShutdown } from '../../ops/shutdown.ts';
import { Supervisor } from '../../ops/supervisor.ts';
import { chooseFramePath } from '../native-part.ts';
import { checkOwnSite } from '../own-site.ts';
import { requireSchema } from '../schema.ts';
import { metricsPlace, type Process } from './process.ts';

/**
 * Runs the supervisor of a worker, an api and the edge processes on this machine. `program` is the file that they run. Their environment
 * is this one, with the path of the socket on which the api listens (`FLASHWIRE_API_SOCKET`).
 */
export async function runAll(self: Process, program: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const { config, logger, connect } = self;
  // Before the children, so that a refusal is printed once.
  chooseFramePath(config.FLASHWIRE_NATIVE);
  const ownSite = checkOwnSite(self);
  const redis = connect('command', 'supervisor');
  await requireSchema(self, redis, 'migrate');
  const goodbyes = new Goodbyes(redis, config.FLASHWIRE_REDIS_PREFIX);
  const folder = await openPrivateFolder(tmpdir());
  const supervisor = new Supervisor({
    program,
    env: { ...environment, FLASHWIRE_API_SOCKET: join(folder.path, 'api') },
    edges: config.FLASHWIRE_FANOUT_PROCESSES,
    logger,
    onEnded: (name) => goodbyes.sayFor(name),
  });
  const own = createRegistry(supervisorReadings(supervisor.restarts), { role: 'all' });
  supervisor.start();
  await serveMetrics(metricsPlace(self), () => machineMetrics(own, supervisor.children()), logger);
  const close = async () => {
    await supervisor.close();
    await goodbyes.close();
  };
  onShutdown(logger, config.FLASHWIRE_DRAIN_MS + 15_000, close);
  await ownSite?.checked.catch(async (error: unknown) => {
    await close();
    throw error;
  });
}
