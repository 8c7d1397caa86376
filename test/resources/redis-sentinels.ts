import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../bench/process/free-port.ts';
import { until } from './flashwire.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { ResourceStack } from './resource-stack.ts';

export interface DataServer extends RedisServer {
  readonly port: number;
}

export interface Sentinels extends AsyncDisposable {
  /** For REDIS_URL. */
  readonly url: string;
  /** The first one is the primary of the beginning. */
  readonly servers: readonly DataServer[];
  readonly sentinels: readonly { readonly port: number; readonly pid: number }[];
  /** The server that the Sentinels call primary now. */
  primary(): Promise<DataServer>;
  /** One command at a server or Sentinel. */
  ask(port: number, ...command: readonly string[]): Promise<unknown>;
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
): Promise<Sentinels> {
  const stack = new ResourceStack();
  const open = async (more: readonly string[]): Promise<DataServer> => {
    const dir = await mkdtemp(join(tmpdir(), 'flashwire-data-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    const port = await freePort();
    return { ...stack.use(await startRedis([...lasting, ...quick, ...settings, ...more], { port, dir })), port };
  };
  try {
    const first = await open([]);
    const followers = Array.from({ length: replicas }, () => open(['--replicaof', `127.0.0.1 ${first.port}`]));
    const servers = [first, ...(await Promise.all(followers))];
    await until(async () => (await inSync(first.port)) === replicas, 20_000, 'the replicas are in sync');
    const sentinels = await Promise.all(
      Array.from({ length: 3 }, () => startSentinel(stack, first.port, sentinelSettings)),
    );
    const ports = sentinels.map(({ port }) => port);
    await until(
      async () => (await Promise.all(ports.map((port) => isWatching(port, replicas)))).every(Boolean),
      20_000,
      'the Sentinels know each other',
    );
    return {
      url: `redis-sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/0#flash`,
      servers,
      sentinels,
      ask,
      primary: async () => {
        const [, port] = (await ask(ports[0] ?? 0, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'flash')) as [string, string];
        const found = servers.find((server) => server.port === Number(port));
        if (!found) throw new Error(`no server listens on ${port}`);
        return found;
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

/** A Sentinel that calls this server `flash`. It ends with `stack`. */
export async function startSentinel(stack: ResourceStack, primary: number, settings: readonly string[]) {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'flashwire-sentinel-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${dir}`,
    'loglevel warning',
    `sentinel monitor flash 127.0.0.1 ${primary} 2`,
    'sentinel down-after-milliseconds flash 1000',
    'sentinel failover-timeout flash 5000',
    ...settings,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  await once(child, 'spawn');
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return { port, pid: child.pid ?? 0 };
}

async function inSync(port: number): Promise<number> {
  return String(await ask(port, 'INFO', 'replication')).match(/state=online/g)?.length ?? 0;
}

async function isWatching(port: number, replicas: number): Promise<boolean> {
  const info = String(await ask(port, 'INFO', 'sentinel').catch(() => ''));
  return info.includes(`status=ok`) && info.includes(`slaves=${replicas},sentinels=3`);
}

async function ask(port: number, name: string, ...rest: readonly string[]): Promise<unknown> {
  const redis = new Redis(port, '127.0.0.1', {
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
    connectTimeout: 2_000,
  });
  redis.on('error', () => undefined); // the command rejects
  return await redis.call(name, ...rest).finally(() => redis.disconnect());
}
