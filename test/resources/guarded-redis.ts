import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../bench/process/free-port.ts';
import { until } from './flashwire.ts';
import { redisProgram } from './redis-server.ts';

export const redisUsers = ['fanout', 'api', 'worker', 'ops', 'admin'] as const;
export type RedisUser = (typeof redisUsers)[number];

export interface GuardedRedis extends AsyncDisposable {
  /** With the user's name and password. */
  url(user: RedisUser): string;
  readonly folder: string;
  readonly port: number;
}

/** Runs `node scripts/redis-users.mjs` to its end. */
export async function makeRedisUsers(folder: string, host: string): Promise<string> {
  const child = spawn(process.execPath, ['scripts/redis-users.mjs', '--out', folder, '--host', host], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`redis-users.mjs ended with ${code}: ${said}`);
  return said;
}

/** A Redis that knows the shipped users and nobody else; their files are in `folder`. */
export async function startGuardedRedis(
  settings: readonly string[] = ['--save', '', '--appendonly', 'no'],
  database = 0,
): Promise<GuardedRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-guarded-'));
  const port = await freePort();
  await makeRedisUsers(folder, `127.0.0.1:${port}${database > 0 ? `/${database}` : ''}`);
  const urls = await Promise.all(
    redisUsers.map(async (user) => [user, (await readFile(join(folder, `redis-${user}`), 'utf8')).trim()] as const),
  );
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--loglevel', 'warning', ...settings];
  const child = spawn(redisProgram(), [...args, '--aclfile', join(folder, 'redis-users.acl')], { stdio: 'ignore' });
  const url = (user: RedisUser) => new Map(urls).get(user) ?? '';
  const probe = new Redis(url('admin'), { retryStrategy: () => 50, maxRetriesPerRequest: null });
  probe.on('error', () => undefined); // refused until it listens
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
      return probe.status === 'ready';
    },
    10_000,
    'Redis answers its admin',
  );
  probe.disconnect();
  return {
    url,
    folder,
    port,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
