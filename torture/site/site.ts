import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../bench/process/free-port.ts';
import { createLogReader } from '../../src/log/entries/redis-log-reader.ts';
import type { RedisConnection } from '../../src/log/redis/shards.ts';
import { verifyEdition } from '../../src/log/trail/verify.ts';
import { type Running, startFlashwire, until } from '../../test/resources/flashwire.ts';
import type { ResourceStack } from '../../test/resources/resource-stack.ts';
import type { HistoryEvent } from '../checker/history.ts';

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
export abstract class Site implements AsyncDisposable {
  readonly #stack: ResourceStack;
  readonly #program: string;
  readonly #places = new Map<RoleName, Place>();
  readonly #folder: string;
  /** The harness' own way to Redis. */
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
        ...(folder !== null && { FLASHWIRE_CONFIG: join(folder, 'flashwire.config.json') }),
      },
      20_000,
      { program: folder === null ? this.#program : join(folder, programIn) },
    );
  }
}
