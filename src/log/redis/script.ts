import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { redisErrorKind } from './redis-error.ts';

const chain = readFileSync(new URL('./chain.lua', import.meta.url), 'utf8');

/** A Lua script that Redis runs whole or not at all. The source stands beside the module that names it; the chain stands before it. */
export class Script {
  readonly #source: string;
  readonly #sha: string;

  constructor(file: URL) {
    this.#source = chain + readFileSync(file, 'utf8');
    this.#sha = createHash('sha1').update(this.#source).digest('hex');
  }

  /** The reply as Redis gives it, not yet parsed. Rejects with ioredis' error; NOSCRIPT means it did not run, so it is sent whole. */
  async run(redis: Redis, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (redisErrorKind(error) !== 'no-script') throw error;
      return redis.eval(this.#source, keys.length, ...keys, ...args);
    }
  }
}
