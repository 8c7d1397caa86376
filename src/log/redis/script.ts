import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ChainableCommander } from 'ioredis';
import { redisErrorKind } from './redis-error.ts';
import type { RedisConnection } from './shards.ts';

/** How long a write waits for its replicas. */
const waitMs = 1_000;

const sourceOf = (name: string, base: string | URL) => readFileSync(new URL(name, base), 'utf8');
const prelude = ['./prelude.lua', './chain.lua'].map((name) => sourceOf(name, import.meta.url)).join('\n');

/**
 * The names of a script's KEYS and ARGV, in their order. The script has the same: `itemTtl` is `item_ttl` there, and a key
 * `item` is `item_key` (test/log/redis/script.test.ts).
 */
export interface ScriptNames<Key extends string, Arg extends string> {
  readonly keys: readonly Key[];
  readonly args: readonly Arg[];
}

export interface ScriptCall<Key extends string, Arg extends string> {
  readonly keys: Readonly<Record<Key, string>>;
  readonly args: Readonly<Record<Arg, string | number>>;
  /** Behind the named keys and arguments, for a script that takes any number. */
  readonly moreKeys?: readonly string[];
  readonly rest?: readonly string[];
}

/**
 * A Lua script that Redis runs as one step. Its file is beside the module that names it. prelude.lua and chain.lua stand in front
 * of it, and a line `-- @include <file>` stands for a file in its folder.
 */
export class Script<Key extends string, Arg extends string> {
  readonly #names: ScriptNames<Key, Arg>;
  readonly #source: string;
  readonly #sha: string;

  constructor(file: URL, names: ScriptNames<Key, Arg>) {
    this.#names = names;
    const own = sourceOf('', file).replace(/^-- @include (\S+)$/gm, (_, name: string) => sourceOf(name, file));
    this.#source = `${prelude}\n${own}`;
    this.#sha = createHash('sha1').update(this.#source).digest('hex');
  }

  /** The reply as Redis gives it, not yet parsed. Rejects with ioredis' error. */
  async run(redis: RedisConnection, call: ScriptCall<Key, Arg>): Promise<unknown> {
    const [count, ...values] = this.#valuesOf(call);
    try {
      return await redis.evalsha(this.#sha, count, ...values);
    } catch (error) {
      // Redis does not have it yet, or lost it: it ran nothing.
      if (redisErrorKind(error) !== 'no-script') throw error;
      return redis.eval(this.#source, count, ...values);
    }
  }

  /**
   * Runs a script that writes nothing, for a user who may only read (EVALSHA_RO). Rejects with NOSCRIPT if Redis does not have it:
   * such a user may not give Redis a script.
   */
  runReadOnly(redis: RedisConnection, call: ScriptCall<Key, Arg>): Promise<unknown> {
    return redis.evalsha_ro(this.#sha, ...this.#valuesOf(call));
  }

  /**
   * Runs the script, `more` and WAIT in one write. WAIT counts the replicas that have what its own connection has written: as the
   * first command of a new connection it answers 1 for a write that no replica has. So every command of `more` has to answer with
   * at least 1, which says that it wrote. Resolves with the reply and whether `replicas` have it within a second; rejects as `run`
   * does if the script did not run.
   */
  async runAndWait(
    redis: RedisConnection,
    call: ScriptCall<Key, Arg>,
    replicas: number,
    more: (pipeline: ChainableCommander) => ChainableCommander,
  ): Promise<{ readonly reply: unknown; readonly isReplicated: boolean }> {
    const [count, ...values] = this.#valuesOf(call);
    for (const pipeline of [
      redis.pipeline().evalsha(this.#sha, count, ...values),
      redis.pipeline().eval(this.#source, count, ...values),
    ]) {
      const results = (await more(pipeline).wait(replicas, waitMs).exec()) ?? [];
      const [error, reply] = results[0] ?? [];
      if (error && redisErrorKind(error) === 'no-script') continue;
      if (error) throw error;
      const has = (least: number, [failed, count]: readonly unknown[] = []) => !failed && Number(count) >= least;
      const isWritten = results.slice(1, -1).every((result) => has(1, result));
      return { reply, isReplicated: isWritten && has(replicas, results.at(-1)) };
    }
    throw new Error('Redis asks for the source of a script that it has just got');
  }

  /** The number of keys, the keys, the arguments. */
  #valuesOf({ keys, args, moreKeys = [], rest = [] }: ScriptCall<Key, Arg>): readonly [number, ...(string | number)[]] {
    const names = this.#names;
    const allKeys = [...names.keys.map((name) => keys[name]), ...moreKeys];
    return [allKeys.length, ...allKeys, ...names.args.map((name) => args[name]), ...rest];
  }
}
