import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../bench/process/free-port.ts';
import { until } from './flashwire.ts';
import { redisProgram } from './redis-server.ts';

/** How long the other nodes wait for a silent one, ms. Redis' own default is 15 s. */
const nodeTimeoutMs = 2_000;

export interface ClusterNode {
  readonly port: number;
  readonly pid: number;
  readonly redis: Redis;
  hasEnded(): boolean;
  kill(): Promise<void>;
}

export interface RedisCluster extends AsyncDisposable {
  /** `redis-cluster://` with three of its nodes. */
  readonly url: string;
  readonly places: readonly { readonly host: string; readonly port: number }[];
  readonly nodes: readonly ClusterNode[];
  /** The node that owns the slot of a key, as a node that answers sees it. */
  ownerOf(key: string): Promise<ClusterNode>;
  /** Starts a node again on what it has left in its folder. */
  startAgain(node: ClusterNode): Promise<ClusterNode>;
  /** Adds a primary without slots, and a replica of it. */
  addShard(): Promise<ClusterNode>;
  /** Moves the slot of a key with all of its keys, while clients use them. */
  moveSlot(key: string, to: ClusterNode): Promise<void>;
}

/** Three primaries and three replicas. Every node keeps what it has acknowledged, and a primary refuses writes without its replica. */
export async function startCluster(settings: readonly string[] = []): Promise<RedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-cluster-'));
  const nodes: ClusterNode[] = [];
  const start = async (port: number): Promise<ClusterNode> => {
    const node = await startNode(port, join(folder, String(port)), settings);
    nodes.push(node);
    return node;
  };
  const end = async () => {
    for (const node of nodes) {
      node.redis.disconnect();
      await node.kill();
    }
    await rm(folder, { recursive: true, force: true });
  };
  const running = () => nodes.filter((node) => !node.hasEnded());
  const ownerOf = async (key: string) => {
    for (const node of running()) {
      const slot = Number(await node.redis.cluster('KEYSLOT', key));
      const ranges = await node.redis.cluster('SLOTS');
      const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1];
      const owner = nodes.findLast((one) => one.port === port);
      if (owner) return owner;
    }
    throw new Error(`no node owns ${key}`);
  };
  try {
    while (nodes.length < 6) await start(await freePair());
    await create(nodes.map(({ port }) => `127.0.0.1:${port}`));
    await until(async () => (await Promise.all(nodes.map(isWhole))).every(Boolean), 20_000, 'every replica follows');
    await Promise.all(nodes.map(({ redis }) => whenReplicated(redis)));
  } catch (error) {
    await end();
    throw error;
  }
  const places = nodes.slice(0, 6).map(({ port }) => ({ host: '127.0.0.1', port }));
  return {
    url: `redis-cluster://${places.map(({ host, port }) => `${host}:${port}`).join(',')}`,
    places,
    nodes,
    ownerOf,
    startAgain: async (node) => {
      node.redis.disconnect();
      nodes.splice(nodes.indexOf(node), 1);
      return start(node.port);
    },
    addShard: async () => {
      const [known] = running();
      const added: ClusterNode[] = [];
      while (added.length < 2) {
        const node = await start(await freePair());
        added.push(node);
        await node.redis.cluster('MEET', '127.0.0.1', known?.port ?? 0);
      }
      const [primary, replica] = added;
      if (!primary || !replica) throw new Error('a node is missing');
      const knowsAll = async ({ redis }: ClusterNode) =>
        Number(/cluster_known_nodes:(\d+)/.exec(String(await redis.cluster('INFO')))?.[1]) === running().length;
      await until(
        async () => (await Promise.all(running().map(knowsAll))).every(Boolean),
        20_000,
        'all know the nodes',
      );
      await replica.redis.cluster('REPLICATE', String(await primary.redis.cluster('MYID')));
      await until(() => isWhole(primary), 20_000, 'the replica follows');
      return primary;
    },
    moveSlot: async (key, to) => moveSlot(await ownerOf(key), to, running(), key),
    [Symbol.asyncDispose]: end,
  };
}

/** Whether a replica follows its primary, or a primary has a replica that follows. */
async function isWhole({ redis }: ClusterNode): Promise<boolean> {
  const info = await redis.info('replication');
  return /role:slave[\s\S]*master_link_status:up/.test(info) || /role:master[\s\S]*state=online/.test(info);
}

/** A primary keeps the first writes after a synchronisation to itself until its replica has answered, up to a second. */
async function whenReplicated(redis: Redis): Promise<void> {
  if (!(await redis.info('replication')).includes('role:master')) return;
  let at = 0;
  const isWritten = async () => {
    const answer = await redis.set(`first-${at}`, '1', 'EX', 60).catch((error: Error) => error.message);
    if (answer.startsWith('MOVED')) at += 1;
    return answer === 'OK';
  };
  await until(isWritten, 20_000, 'a primary takes writes');
  await until(async () => (await redis.wait(1, 1_000)) === 1, 10_000, 'the replica has a write');
}

/** A port whose bus, 10,000 ports higher, is free too. */
async function freePair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 55_000 && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function startNode(port: number, dir: string, settings: readonly string[]): Promise<ClusterNode> {
  await mkdir(dir, { recursive: true });
  const child = spawn(
    redisProgram(),
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--loglevel', 'warning'],
      ...['--cluster-enabled', 'yes', '--cluster-node-timeout', String(nodeTimeoutMs)],
      ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'],
      ...['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'],
      ...['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'],
      ...settings,
    ],
    { stdio: 'ignore' },
  );
  const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => undefined); // refused until it listens
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`redis-server ended with ${code}`)));
  await Promise.race([redis.ping(), ended]).catch((error: unknown) => {
    redis.disconnect();
    throw error;
  });
  ended.catch(() => undefined); // it ends with the test, or because of it
  const hasEnded = () => hasExited(child);
  return {
    port,
    pid: child.pid ?? 0,
    redis,
    hasEnded,
    kill: async () => {
      if (hasEnded()) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function create(places: readonly string[]): Promise<void> {
  const args = ['--cluster', 'create', ...places, '--cluster-replicas', '1', '--cluster-yes'];
  const child = spawn('redis-cli', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`redis-cli --cluster create ended with ${code}: ${said}`);
}

async function moveSlot(from: ClusterNode, to: ClusterNode, all: readonly ClusterNode[], key: string): Promise<void> {
  const slot = Number(await from.redis.cluster('KEYSLOT', key));
  const [fromId, toId] = [String(await from.redis.cluster('MYID')), String(await to.redis.cluster('MYID'))];
  // A node that has just joined refuses keys until it has heard of every slot.
  const knowsAll = async () => String(await to.redis.cluster('INFO')).includes('cluster_state:ok');
  await until(knowsAll, 20_000, 'the new owner knows the owner of every slot');
  await to.redis.cluster('SETSLOT', slot, 'IMPORTING', fromId);
  await from.redis.cluster('SETSLOT', slot, 'MIGRATING', toId);
  for (;;) {
    const keys = (await from.redis.cluster('GETKEYSINSLOT', slot, 100)) as string[];
    if (keys.length === 0) break;
    await from.redis.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
  }
  await to.redis.cluster('SETSLOT', slot, 'NODE', toId);
  await from.redis.cluster('SETSLOT', slot, 'NODE', toId);
  for (const { redis } of all) await redis.cluster('SETSLOT', slot, 'NODE', toId).catch(() => undefined); // a replica refuses
}
