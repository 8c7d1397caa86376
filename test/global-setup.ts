import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startRedis } from './resources/redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A private Redis for the whole run; every test uses a prefix of its own. */
    redisUrl: string;
    /** What the run's files of tests share; removed with the run. */
    runFolder: string;
  }
}

/** vitest's global set-up: one real Redis for the run, without persistence, and a folder. Both end with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [redis, folder] = await Promise.all([startRedis(), mkdtemp(join(tmpdir(), 'flashwire-run-'))]);
  project.provide('redisUrl', redis.url);
  project.provide('runFolder', folder);
  return async () => {
    await redis[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  };
}
