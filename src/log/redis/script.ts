import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { redisErrorKind } from './redis-error.ts';
import type { RedisConnection } from './shards.ts';

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
  /** Behind the named arguments, for a script that takes any number. */
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
  async run(redis: RedisConnection, { keys, args, rest = [] }: ScriptCall<Key, Arg>): Promise<unknown> {
    const names = this.#names;
    const values = [...names.keys.map((name) => keys[name]), ...names.args.map((name) => args[name]), ...rest];
    try {
      return await redis.evalsha(this.#sha, names.keys.length, ...values);
    } catch (error) {
      // Redis does not have it yet, or lost it: it ran nothing.
      if (redisErrorKind(error) !== 'no-script') throw error;
      return redis.eval(this.#source, names.keys.length, ...values);
    }
  }
}
