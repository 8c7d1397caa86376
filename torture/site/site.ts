import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../bench/process/free-port.ts';
import type { RedisConnection } from '../../src/log/redis/shards.ts';
import { type Running, startFlashwire, until } from '../../test/resources/flashwire.ts';
import type { ResourceStack } from '../../test/resources/resource-stack.ts';
import type { Scene } from './scene.ts';

export const roles = ['api', 'worker-1', 'worker-2', 'fanout-1', 'fanout-2'] as const;
export type RoleName = (typeof roles)[number];

/** The built program in a project folder. */
export const programIn = 'dist/src/main.js';

interface Place {
  readonly redisUrl: string;
  readonly port: number;
  running: Running;
}

/** A whole site of real processes. How they reach Redis is the subclass's. */
export abstract class Site implements Scene {
  readonly readerSilenceMs = 4_000;
  readonly logs: ReadonlyMap<RoleName, string[]> = new Map(roles.map((role) => [role, []]));
  readonly #stack: ResourceStack;
  readonly #program: string;
  readonly #places = new Map<RoleName, Place>();
  readonly #folder: string;
  /** Further variables of every process. */
  protected readonly env: Readonly<Record<string, string>> = {};
  abstract readonly direct: RedisConnection;

  protected constructor(stack: ResourceStack, program: string, folder: string) {
    this.#stack = stack;
    this.#program = program;
    this.#folder = folder;
  }

  /** The way of one process to Redis; what it opens ends with `stack`. */
  protected abstract redisUrlFor(role: RoleName, stack: ResourceStack): Promise<string>;

  protected async openRoles(): Promise<void> {
    try {
      for (const started of await Promise.allSettled(roles.map((role) => this.#open(role))))
        if (started.status === 'rejected') throw started.reason;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  pid(role: RoleName): number {
    return this.#at(role).running.child.pid ?? 0;
  }

  get fanoutPorts(): readonly number[] {
    return [this.#at('fanout-1').port, this.#at('fanout-2').port];
  }

  get fanouts(): readonly string[] {
    return this.fanoutPorts.map((port) => `127.0.0.1:${port}`);
  }

  get entrances(): readonly string[] {
    return this.fanouts;
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
    const written = async () => (await readdir(this.#folder)).find(isOf);
    await until(async () => (await written()) !== undefined, 20_000, 'the memory is being written');
    await until(async () => (await fetch(`${url}/healthz`).catch(() => null))?.ok === true, 20_000, 'it goes on');
    const file = join(this.#folder, (await written()) ?? '');
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const role of roles) if (this.#places.has(role)) this.#at(role).running.child.kill('SIGCONT');
    await this.#stack[Symbol.asyncDispose]();
  }

  #at(role: RoleName): Place {
    const place = this.#places.get(role);
    if (!place) throw new Error(`${role} has not been started`);
    return place;
  }

  async #open(role: RoleName): Promise<void> {
    const redisUrl = await this.redisUrlFor(role, this.#stack);
    const port = await freePort();
    this.#places.set(role, { redisUrl, port, running: await this.#spawn(role, { redisUrl, port }, null) });
    this.#stack.defer(() => this.#at(role).running[Symbol.asyncDispose]());
  }

  #spawn(
    role: RoleName,
    { redisUrl, port }: Pick<Place, 'redisUrl' | 'port'>,
    folder: string | null,
  ): Promise<Running> {
    return startFlashwire(
      role.replace(/-\d$/, ''),
      {
        REDIS_URL: redisUrl,
        PORT: String(port),
        FLASHWIRE_POST_RATE: '100000',
        FLASHWIRE_BEAT_MS: '1000',
        FLASHWIRE_DRAIN_MS: '500',
        NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${this.#folder}`,
        ...this.env,
        ...(folder !== null && { FLASHWIRE_CONFIG: join(folder, 'flashwire.config.json') }),
      },
      20_000,
      { program: folder === null ? this.#program : join(folder, programIn), output: this.logs.get(role) ?? [] },
    );
  }
}
