import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readerProcessFlags } from '../../src/ops/node-flags.ts';
import { Child, type Environment, isOk } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { startRedis } from './redis.ts';

/** What a scenario measures: one that was started for it, or one that is there already. */
export interface SystemUnderTest extends AsyncDisposable {
  /** Origin of the desk API, and of the feed. */
  readonly apiUrl: string;
  readonly feedUrl: string;
  /** Origins of all processes that serve the feed; the first is `feedUrl`. */
  readonly feedUrls: readonly string[];
  readonly key: string;
  /** Processes that serve the readers; none when they are not on this machine. */
  readonly fanoutPids: readonly number[];
  /** All server processes that were started for this run, with Redis; none of a system that somebody else runs. */
  readonly processes: readonly ServerProcess[];
  /** Where those processes tell their metrics; none when nobody said. */
  readonly metricsUrls: readonly string[];
  /** Where Redis keeps its log; null when somebody else runs it. */
  readonly dataFolder: string | null;
  readonly redisUrl: string | null;
  /** Origin that a person can name, or null when the system lives only for this run. */
  readonly givenUrl: string | null;
}

export interface ServerProcess {
  readonly name: string;
  readonly pid: number;
}

export interface LocalOptions {
  readonly env: Environment;
  /** New readers a second that the fan-out takes; null leaves the shipped default. */
  readonly acceptRate: number | null;
  /** Limits on connections as they are shipped, an address and a process. */
  readonly isLimited: boolean;
  /** Processes that serve readers, each on a port of its own. */
  readonly fanoutProcesses: number;
}

/** What differs between the ways to start a system. */
export type LocalParts = Pick<SystemUnderTest, 'apiUrl' | 'feedUrls' | 'fanoutPids' | 'processes' | 'metricsUrls'>;

/**
 * Starts a whole system for one run: Redis with every write on the disk before it is answered, a worker, an API and
 * the fan-out processes, each on a port of its own, with an empty data folder that goes away with it.
 */
export function startLocalSystem(options: LocalOptions): Promise<SystemUnderTest> {
  return startParts(options, async (env, children): Promise<LocalParts> => {
    const roles = ['worker', 'api', ...Array.from({ length: options.fanoutProcesses }, () => 'fanout')];
    const started = await Promise.all(roles.map((role) => startRole(role, env, children)));
    const [, api, ...fanouts] = started;
    if (api === undefined) throw new Error('a role is missing');
    return {
      apiUrl: api.url,
      feedUrls: fanouts.map((fanout) => fanout.url),
      fanoutPids: fanouts.map((fanout) => fanout.pid),
      processes: started.map(({ name, pid }, i) => ({ name: i > 2 ? `${name} ${i - 1}` : name, pid })),
      metricsUrls: fanouts.map((fanout) => fanout.metricsUrl),
    };
  });
}

/** Starts Redis, and the roles with `start`; `children` are ended with the system. */
export async function startParts(
  options: LocalOptions,
  start: (env: Environment, children: Child[]) => Promise<LocalParts>,
): Promise<SystemUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-bench-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const children: Child[] = [];
  const stop = async () => {
    // The readers' process first, the database last: nobody is left to complain.
    for (const child of children.toReversed()) await child.stop();
    removeFolder();
    process.off('exit', removeFolder);
  };
  try {
    const redis = await startRedis(folder, options.env);
    children.push(redis.process);
    const key = `fw_bench_${randomBytes(32).toString('base64url')}`;
    const shared = {
      ...options.env,
      ...limits(options),
      REDIS_URL: redis.url,
      FLASHWIRE_DATA_DIR: folder,
      FLASHWIRE_BOOTSTRAP_KEY: key,
    };
    const parts = await start(shared, children);
    const [feedUrl] = parts.feedUrls;
    if (feedUrl === undefined) throw new Error('no process serves the feed');
    return {
      ...parts,
      feedUrl,
      key,
      processes: [{ name: 'redis', pid: redis.process.pid }, ...parts.processes],
      dataFolder: folder,
      redisUrl: redis.url,
      givenUrl: null,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A system that somebody else runs: nothing is started and nothing is ended. */
export function givenSystem(given: {
  readonly url: string;
  readonly key: string;
  readonly redisUrl: string | null;
  readonly pid: number | null;
  readonly metricsUrl: string | null;
}): SystemUnderTest {
  const origin = new URL(given.url).origin;
  return {
    apiUrl: origin,
    feedUrl: origin,
    feedUrls: [origin],
    key: given.key,
    fanoutPids: given.pid === null ? [] : [given.pid],
    processes: [],
    metricsUrls: given.metricsUrl === null ? [] : [given.metricsUrl],
    dataFolder: null,
    redisUrl: given.redisUrl,
    givenUrl: origin,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Limits that protect a site from one address would only measure themselves here: all readers come from this machine. */
function limits({ acceptRate, isLimited }: LocalOptions): Environment {
  return {
    ...(!isLimited && { FLASHWIRE_MAX_CONNECTIONS: '1000000', FLASHWIRE_MAX_CONNECTIONS_PER_IP: '1000000' }),
    FLASHWIRE_POST_RATE: '1000000',
    FLASHWIRE_DRAIN_MS: '0',
    LOG_LEVEL: 'warn',
    ...(acceptRate !== null && { FLASHWIRE_ACCEPT_RATE: String(acceptRate) }),
  };
}

interface RunningRole extends ServerProcess {
  readonly url: string;
  readonly metricsUrl: string;
}

/** Starts one role and waits until it is ready. */
export async function startRole(role: string, env: Environment, children: Child[]): Promise<RunningRole> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const flags = [...readerProcessFlags, '--enable-source-maps'];
  const child = new Child(`flashwire ${role}`, process.execPath, [...flags, 'dist/src/main.js', role], {
    cwd: root,
    env: { ...env, PORT: String(port), HOST: '127.0.0.1', FLASHWIRE_METRICS_PORT: String(metricsPort) },
  });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  await child.ready(() => isOk(`${url}/readyz`));
  return { name: role, url, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`, pid: child.pid };
}
