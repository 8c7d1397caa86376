import { z } from 'zod';
import { redisErrorKind } from './redis-error.ts';
import { repliesOf } from './replies.ts';
import { Script } from './script.ts';
import type { RedisConnection } from './shards.ts';

const readScript = new Script(new URL('./read-hashes.lua', import.meta.url), { keys: [], args: [] });

const replies = z.array(z.array(z.string().nullable()));

/** Redis does nothing else meanwhile: 500 records of an item took 2 ms at most, on a busy machine. */
const hashesAtOnce = 500;

export interface HashRead {
  readonly key: string;
  /** Without spaces. */
  readonly fields: readonly string[];
}

/** Gives the Redis of an edition the script of HashReader. `key` is any key of the edition. */
export async function keepReadScript(redis: RedisConnection, key: string): Promise<void> {
  await readScript.run(redis, { keys: {}, args: {}, moreKeys: [key], rest: ['none'] });
}

/**
 * Reads fields of many hashes of one edition, 500 hashes in one command, by a script that a worker keeps in Redis. Where Redis does not
 * have it, or this user may not run it (an ACL file of an earlier version), it is one command per hash.
 */
export class HashReader {
  readonly #redis: RedisConnection;
  #mayRunScripts = true;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  /** The values by field, in the order of `reads`. A field that its hash lacks is absent. */
  async read(reads: readonly HashRead[]): Promise<readonly Readonly<Record<string, string>>[]> {
    const found: Readonly<Record<string, string>>[] = [];
    for (let at = 0; at < reads.length; at += hashesAtOnce) {
      const some = reads.slice(at, at + hashesAtOnce);
      const values = await this.#values(some);
      for (const [n, { fields }] of some.entries()) found.push(named(fields, values[n] ?? []));
    }
    return found;
  }

  async #values(reads: readonly HashRead[]): Promise<z.infer<typeof replies>> {
    if (this.#mayRunScripts) {
      try {
        const moreKeys = reads.map(({ key }) => key);
        const rest = reads.map(({ fields }) => fields.join(' '));
        return replies.parse(await readScript.runReadOnly(this.#redis, { keys: {}, args: {}, moreKeys, rest }));
      } catch (error) {
        const kind = redisErrorKind(error);
        if (kind !== 'denied' && kind !== 'no-script') throw error;
        this.#mayRunScripts = kind === 'no-script';
      }
    }
    const pipeline = this.#redis.pipeline();
    for (const { key, fields } of reads) pipeline.hmget(key, ...fields);
    return replies.parse(await repliesOf(pipeline));
  }
}

function named(fields: readonly string[], values: readonly (string | null)[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fields.flatMap((field, at) => {
      const value = values[at];
      return typeof value === 'string' ? [[field, value] as const] : [];
    }),
  );
}
