import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { ownPrefix } from '../resources/redis-server.ts';

export interface Spoken {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  said(): string;
}

export function listenTo(child: ChildProcess): Spoken {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
  return { child, ended: once(child, 'close'), said: () => said };
}

/** `npm start`, with its data in a new folder in `folder`. */
export async function start(folder: string, env: Readonly<Record<string, string>>): Promise<Spoken> {
  const PATH = process.env['PATH'] ?? '';
  const own = { FLASHWIRE_DATA_DIR: await mkdtemp(join(folder, 'data-')), FLASHWIRE_METRICS_PORT: '0' };
  const redis = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() };
  return listenTo(spawn(process.execPath, ['scripts/start.mjs'], { env: { PATH, ...own, ...redis, ...env } }));
}
