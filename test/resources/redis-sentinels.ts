import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../bench/process/free-port.ts';
import { commandOn, type Host, thisHost } from '../../bench/process/host.ts';
import { until } from './flashwire.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { ResourceStack } from './resource-stack.ts';

export interface DataServer extends RedisServer {
  readonly port: number;
  readonly host: Host;
}

/** Where they are, in the order of `servers` and `sentinels`. */
export interface SentinelHosts {
  readonly servers: readonly Host[];
  readonly sentinels: readonly Host[];
}

export interface Sentinels extends AsyncDisposable {
  /** For REDIS_URL. */
  readonly url: string;
  /** The first one is the primary of the beginning. */
  readonly servers: readonly DataServer[];
  readonly sentinels: readonly { readonly port: number; readonly pid: number }[];
  /** The server that the Sentinels call primary now. */
  primary(): Promise<DataServer>;
  /** Starts a server again that has ended, on its port and data, as a replica of the primary of now. */
  revive(port: number): Promise<void>;
  /** Resolves once all servers but one are replicas in sync. */
  whole(): Promise<void>;
  /** One command at a server or Sentinel of this host. */
  ask(port: number, name: string, ...rest: readonly string[]): Promise<unknown>;
  askWith(password: string, port: number, name: string, ...rest: readonly string[]): Promise<unknown>;
}

const lasting = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
/** Replicas connect and are given up quickly, as far as this Redis allows. */
const quick = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', '--repl-timeout', '5'];

/**
 * One primary, replicas of it, and three Sentinels, all real processes. A primary counts as down after a second. A test that
 * freezes one has to wake it up before the end.
 */
export async function startSentinels(
  replicas = 2,
  settings: readonly string[] = [],
  sentinelSettings: readonly string[] = [],
  hosts: SentinelHosts = { servers: [], sentinels: [] },
): Promise<Sentinels> {
  const stack = new ResourceStack();
  const folders = new Map<number, string>();
  const start = async (
    place: { port: number; dir: string },
    host: Host,
    more: readonly string[],
  ): Promise<DataServer> => {
    const redis = await startRedis([...lasting, ...quick, ...settings, ...more], place, host);
    return { ...stack.use(redis), port: place.port, host };
  };
  const open = async (nth: number, more: readonly string[]): Promise<DataServer> => {
    const dir = await mkdtemp(join(tmpdir(), 'flashwire-data-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    const port = await freePort();
    folders.set(port, dir);
    return start({ port, dir }, hosts.servers[nth] ?? thisHost, more);
  };
  try {
    const first = await open(0, []);
    const primary = `${first.host.address} ${first.port}`;
    const followers = Array.from({ length: replicas }, (_, nth) => open(nth + 1, ['--replicaof', primary]));
    const servers = [first, ...(await Promise.all(followers))];
    await until(async () => (await inSync(first)) === replicas, 20_000, 'the replicas are in sync');
    const sentinels = await Promise.all(
      Array.from({ length: 3 }, (_, nth) =>
        startSentinel(stack, primary, sentinelSettings, hosts.sentinels[nth] ?? thisHost),
      ),
    );
    await until(
      async () => (await Promise.all(sentinels.map((one) => isWatching(one, replicas)))).every(Boolean),
      20_000,
      'the Sentinels know each other',
    );
    const primaryOfNow = async () => {
      const [sentinel = first] = sentinels;
      const [address, port] = (await ask(sentinel, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'flash')) as [string, string];
      const found = servers.find((server) => server.host.address === address && server.port === Number(port));
      if (!found) throw new Error(`no server listens on ${port}`);
      return found;
    };
    return {
      url: `redis-sentinel://${sentinels.map(({ host, port }) => `${host.address}:${port}`).join(',')}/0#flash`,
      servers,
      sentinels,
      ask: (port, name, ...rest) => ask({ host: thisHost, port }, name, ...rest),
      askWith: (password, port, name, ...rest) => askWith(password, { host: thisHost, port }, name, ...rest),
      primary: primaryOfNow,
      revive: async (port) => {
        const at = servers.findIndex((server) => server.port === port);
        const now = await primaryOfNow();
        const place = { port, dir: folders.get(port) ?? '' };
        const follows = ['--replicaof', `${now.host.address} ${now.port}`];
        servers[at] = await start(place, servers[at]?.host ?? thisHost, follows);
      },
      whole: () => {
        const found = async () => inSync(await primaryOfNow());
        return until(
          async () => (await found().catch(() => 0)) === servers.length - 1,
          45_000,
          'all replicas are in sync',
        );
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

/** A Sentinel that calls this server `flash`. It ends with `stack`. */
export async function startSentinel(
  stack: ResourceStack,
  primary: string,
  settings: readonly string[],
  host = thisHost,
) {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'flashwire-sentinel-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    `bind ${host.address}`,
    `dir ${dir}`,
    'loglevel warning',
    `sentinel monitor flash ${primary} 2`,
    'sentinel down-after-milliseconds flash 1000',
    // After a split vote the next election begins after twice this time.
    'sentinel failover-timeout flash 3000',
    ...settings,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn(...commandOn(host, 'redis-server', [file, '--sentinel']), { stdio: 'ignore' });
  await once(child, 'spawn');
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return { port, host, pid: child.pid ?? 0 };
}

async function inSync(server: Place): Promise<number> {
  return String(await ask(server, 'INFO', 'replication')).match(/state=online/g)?.length ?? 0;
}

async function isWatching(sentinel: Place, replicas: number): Promise<boolean> {
  const info = String(await ask(sentinel, 'INFO', 'sentinel').catch(() => ''));
  return info.includes(`status=ok`) && info.includes(`slaves=${replicas},sentinels=3`);
}

type Place = Pick<DataServer, 'host' | 'port'>;

function ask(place: Place, name: string, ...rest: readonly string[]): Promise<unknown> {
  return askWith('', place, name, ...rest);
}

async function askWith(password: string, { host, port }: Place, name: string, ...rest: readonly string[]) {
  const redis = new Redis(port, host.address, {
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
    connectTimeout: 2_000,
    ...(password !== '' && { password }),
  });
  redis.on('error', () => undefined); // the command rejects
  return await redis.call(name, ...rest).finally(() => redis.disconnect());
}
