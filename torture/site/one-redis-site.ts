import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../bench/process/free-port.ts';
import { type RedisServer, startRedis } from '../../test/resources/redis-server.ts';
import { ResourceStack } from '../../test/resources/resource-stack.ts';
import { FaultProxy } from './fault-proxy.ts';
import { type RoleName, Site } from './site.ts';

/** `kill -9` and a fresh start lose nothing but what was in memory; a durable Redis is what the docs require. */
export const durable = [
  '--save',
  '',
  '--appendonly',
  'yes',
  '--appendfsync',
  'always',
  '--maxmemory-policy',
  'noeviction',
];

/** A site on one Redis, which each process sees through a fault proxy of its own. */
export class OneRedisSite extends Site {
  readonly #proxies = new Map<RoleName, FaultProxy>();
  readonly redisDir: string;
  redisPort: number;
  redis: RedisServer;
  direct: Redis;

  private constructor(stack: ResourceStack, program: string, redisDir: string, redisPort: number, redis: RedisServer) {
    super(stack, program, redisDir);
    this.redisDir = redisDir;
    this.redisPort = redisPort;
    this.redis = redis;
    this.direct = directTo(redisPort);
  }

  static async open(program: string): Promise<OneRedisSite> {
    const stack = new ResourceStack();
    const dir = await mkdtemp(join(tmpdir(), 'flashwire-torture-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    const redisPort = await freePort();
    const redis = await startRedis(durable, { port: redisPort, dir });
    const site = new OneRedisSite(stack, program, dir, redisPort, redis);
    stack.defer(() => site.redis[Symbol.asyncDispose]());
    stack.defer(() => site.direct.disconnect());
    await site.openRoles();
    return site;
  }

  protected async redisUrlFor(role: RoleName, stack: ResourceStack): Promise<string> {
    const proxy = stack.use(await FaultProxy.open(this.redisPort));
    this.#proxies.set(role, proxy);
    return `redis://127.0.0.1:${proxy.port}`;
  }

  proxy(role: RoleName): FaultProxy {
    const proxy = this.#proxies.get(role);
    if (!proxy) throw new Error(`${role} has not been started`);
    return proxy;
  }

  get proxies(): readonly FaultProxy[] {
    return [...this.#proxies.values()];
  }

  /** Starts Redis again on what the one before left in its folder. */
  async startRedis(settings: readonly string[] = durable, dir = this.redisDir): Promise<void> {
    this.redis = await startRedis(settings, { port: this.redisPort, dir });
    await this.direct.ping();
  }

  /** Everyone is led to another Redis; nobody's connection to the old one stays. */
  leadTo(redis: RedisServer, port: number): void {
    this.redis = redis;
    this.redisPort = port;
    this.direct.disconnect();
    this.direct = directTo(port);
    for (const proxy of this.proxies) {
      proxy.target = port;
      proxy.reset();
    }
  }

  /** The newest append-only file. */
  async appendOnlyFile(): Promise<string> {
    const folder = join(this.redisDir, 'appendonlydir');
    const files = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof')).sort();
    return join(folder, files.at(-1) ?? '');
  }
}

function directTo(port: number): Redis {
  const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => undefined); // away is what this is about
  return redis;
}
