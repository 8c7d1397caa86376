import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../bench/process/free-port.ts';
import { createLogReader } from '../../src/log/entries/redis-log-reader.ts';
import { verifyEdition } from '../../src/log/trail/verify.ts';
import { type Running, startFlashwire, until } from '../../test/resources/flashwire.ts';
import { type RedisServer, startRedis } from '../../test/resources/redis-server.ts';
import { ResourceStack } from '../../test/resources/resource-stack.ts';
import type { HistoryEvent } from '../checker/history.ts';
import { FaultProxy } from './fault-proxy.ts';

export const roles = ['api', 'worker-1', 'worker-2', 'fanout-1', 'fanout-2'] as const;
export type RoleName = (typeof roles)[number];

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

/** The built program in a project folder. */
export const programIn = 'dist/src/main.js';

interface Place {
  readonly proxy: FaultProxy;
  readonly port: number;
  running: Running;
}

/** A whole site of real processes, each of which sees Redis through a fault proxy of its own. */
export class Site implements AsyncDisposable {
  readonly #stack: ResourceStack;
  readonly #program: string;
  readonly #places: Map<RoleName, Place>;
  readonly redisDir: string;
  redisPort: number;
  redis: RedisServer;
  /** The harness' own way to Redis. */
  direct: Redis;

  private constructor(
    stack: ResourceStack,
    program: string,
    places: Map<RoleName, Place>,
    redisDir: string,
    redisPort: number,
    redis: RedisServer,
  ) {
    this.#stack = stack;
    this.#program = program;
    this.#places = places;
    this.redisDir = redisDir;
    this.redisPort = redisPort;
    this.redis = redis;
    this.direct = directTo(redisPort);
  }

  static async open(program: string): Promise<Site> {
    const stack = new ResourceStack();
    const dir = await mkdtemp(join(tmpdir(), 'flashwire-torture-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    const redisPort = await freePort();
    const redis = await startRedis(durable, { port: redisPort, dir });
    const places = new Map<RoleName, Place>();
    const site = new Site(stack, program, places, dir, redisPort, redis);
    stack.defer(() => site.redis[Symbol.asyncDispose]());
    stack.defer(() => site.direct.disconnect());
    try {
      for (const started of await Promise.allSettled(roles.map((role) => site.#open(role, stack))))
        if (started.status === 'rejected') throw started.reason;
    } catch (error) {
      await site[Symbol.asyncDispose]();
      throw error;
    }
    return site;
  }

  proxy(role: RoleName): FaultProxy {
    return this.#at(role).proxy;
  }

  get proxies(): readonly FaultProxy[] {
    return [...this.#places.values()].map(({ proxy }) => proxy);
  }

  pid(role: RoleName): number {
    return this.#at(role).running.child.pid ?? 0;
  }

  get fanoutPorts(): readonly number[] {
    return [this.#at('fanout-1').port, this.#at('fanout-2').port];
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#at('api').port}`;
  }

  /** Sends a signal; resolves at once, or for SIGKILL and SIGTERM when the process has ended. */
  async signal(role: RoleName, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const { child } = this.#at(role).running;
    const ends = signal === 'SIGKILL' || signal === 'SIGTERM' ? once(child, 'exit') : Promise.resolve();
    child.kill(signal);
    await ends;
  }

  /** What a process has in memory, as text; it stands still until that is written. */
  async memoryOf(role: RoleName): Promise<string> {
    const { child, url } = this.#at(role).running;
    const isOf = (name: string) => name.endsWith('.heapsnapshot') && name.includes(`.${child.pid}.`);
    child.kill('SIGUSR2');
    const written = async () => (await readdir(this.redisDir)).find(isOf);
    await until(async () => (await written()) !== undefined, 20_000, 'the memory is being written');
    await until(async () => (await fetch(`${url}/healthz`).catch(() => null))?.ok === true, 20_000, 'it goes on');
    const file = join(this.redisDir, (await written()) ?? '');
    const text = await readFile(file, 'utf8');
    await rm(file);
    return text;
  }

  /** Whether it has ended with -9. */
  isKilled(role: RoleName): boolean {
    return this.#at(role).running.child.signalCode === 'SIGKILL';
  }

  /** Starts again, on the same port, what has ended: as the program of the run, or as the one in another project folder. */
  async start(role: RoleName, folder: string | null = null): Promise<void> {
    const place = this.#at(role);
    place.running = await this.#spawn(role, place, folder);
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

  /** The whole log as it stands, with what `verify` says of it. */
  async readLog(at: number): Promise<Extract<HistoryEvent, { e: 'log' }>> {
    const reader = createLogReader({ redis: this.direct, prefix: 'fw' });
    const state = await reader.load('en', { items: 1_000, entries: 100_000 });
    const { broken } = await verifyEdition(this.direct, 'fw', 'en');
    return {
      e: 'log',
      at,
      epoch: state.head.epoch,
      entries: state.entries.map(({ seq, itemId, version, change, item, was, now }) => ({
        seq,
        id: itemId,
        version,
        // A release shows again what an entry before it has said.
        headline: change === 'released' ? null : (item?.headline ?? null),
        was: was?.sections ?? null,
        now: now?.sections ?? null,
      })),
      shown: state.items.map(({ item: { id, version, place }, facets: { sections } }) => ({
        id,
        version,
        place,
        sections,
      })),
      broken,
    };
  }

  /** Commands whose time has come and that no worker has appended yet. */
  async due(): Promise<number> {
    const [seconds, microseconds] = await this.direct.time();
    return this.direct.zcount('fw:{en}:due', '-inf', Number(seconds) * 1_000 + Math.ceil(Number(microseconds) / 1_000));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const role of roles) if (this.#places.has(role)) this.#at(role).running.child.kill('SIGCONT');
    await this.#stack[Symbol.asyncDispose]();
  }

  #at(role: RoleName): Place {
    const place = this.#places.get(role);
    if (!place) throw new Error(`${role} has not been started`);
    return place;
  }

  async #open(role: RoleName, stack: ResourceStack): Promise<void> {
    const proxy = stack.use(await FaultProxy.open(this.redisPort));
    const port = await freePort();
    this.#places.set(role, { proxy, port, running: await this.#spawn(role, { proxy, port }, null) });
    stack.defer(() => this.#at(role).running[Symbol.asyncDispose]());
  }

  #spawn(role: RoleName, { proxy, port }: Pick<Place, 'proxy' | 'port'>, folder: string | null): Promise<Running> {
    return startFlashwire(
      role.replace(/-\d$/, ''),
      {
        REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
        PORT: String(port),
        FLASHWIRE_POST_RATE: '100000',
        FLASHWIRE_BEAT_MS: '1000',
        FLASHWIRE_DRAIN_MS: '500',
        NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${this.redisDir}`,
        ...(folder !== null && { FLASHWIRE_CONFIG: join(folder, 'flashwire.config.json') }),
      },
      20_000,
      { program: folder === null ? this.#program : join(folder, programIn) },
    );
  }
}

function directTo(port: number): Redis {
  const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => undefined); // away is what this is about
  return redis;
}
