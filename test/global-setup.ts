import type { TestProject } from 'vitest/node';
import { startRedis } from './redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A private Redis for the whole run; every test uses a prefix of its own. */
    redisUrl: string;
  }
}

/** vitest's global set-up: one real Redis for the run, without persistence, ended with it. */
export default async function setup(project: TestProject): Promise<() => PromiseLike<void>> {
  const redis = await startRedis();
  project.provide('redisUrl', redis.url);
  return () => redis[Symbol.asyncDispose]();
}
