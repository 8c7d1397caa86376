import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../bench/process/free-port.ts';
import { commandOn, type Host, thisHost } from '../../bench/process/host.ts';
import { type OneRedis, parseRedisAddress } from '../../src/ops/redis/redis-address.ts';

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL, awaited; the data folder stays. */
  kill(): Promise<void>;
  /** Whether it has ended, whoever ended it. */
  hasEnded(): boolean;
}

/** Starts a Redis of its own; `settings` are redis-server options. With a `port` and `dir` it goes on from what another one left there. */
export async function startRedis(
  settings: readonly string[] = ['--save', '', '--appendonly', 'no'],
  place?: { readonly port: number; readonly dir: string },
  host: Host = thisHost,
): Promise<RedisServer> {
  const port = place?.port ?? (await freePort());
  const folder = place?.dir ?? (await mkdtemp(join(tmpdir(), 'flashwire-redis-')));
  const args = ['--port', String(port), '--bind', host.address, '--dir', folder, '--loglevel', 'warning', ...settings];
  const child = spawn(...commandOn(host, redisProgram(), args), { stdio: 'ignore' });
  await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error as Error))]);
  const url = `redis://${host.address}:${port}`;
  const probe = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  probe.on('error', () => undefined); // refused until it listens
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`redis-server ended with ${code}`)));
  await Promise.race([probe.ping(), ended]).finally(() => probe.disconnect());
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url,
    pid: child.pid ?? 0,
    kill,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async [Symbol.asyncDispose]() {
      await kill();
      if (!place) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The address of a Redis that is no cluster. */
export function addressOf(url: string): OneRedis {
  const address = parseRedisAddress({ REDIS_URL: url });
  if (address.kind === 'cluster') throw new Error(`${url} is a cluster`);
  return address;
}

/** Another server of the same protocol where REDIS_SERVER names one: `REDIS_SERVER=/usr/bin/valkey-server npm test`. */
export function redisProgram(): string {
  return process.env['REDIS_SERVER'] ?? 'redis-server';
}

let counter = 0;

/** A key prefix that no other test uses. */
export function ownPrefix(): string {
  counter += 1;
  return `t-${process.pid.toString(36)}-${counter}-${Math.random().toString(36).slice(2, 8)}`;
}

/** A plain connection that ends with its block. */
export function connect(url: string): { readonly redis: Redis } & Disposable {
  const redis = new Redis(url);
  return { redis, [Symbol.dispose]: () => redis.disconnect() };
}
