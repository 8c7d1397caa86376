import { z } from 'zod';
import { parseJson } from '../item/json.ts';
import { nullIfWrongType } from '../log/redis/redis-error.ts';
import { editionKeys, editionOfName, keyPatterns, nameOf } from '../log/redis/redis-keys.ts';
import { keysIn } from '../log/redis/scan.ts';
import type { RedisConnection } from '../log/redis/shards.ts';
import { keysOfQueue, readJob, urgentTag } from './job.ts';

/** A job that is not retried. A field that cannot be read is null. */
export interface DeadLetter {
  /** The edition, or `<edition>:urgent`. */
  readonly queue: string;
  readonly id: string;
  /** The kind of its command. */
  readonly kind: string | null;
  readonly edition: string | null;
  readonly commandId: string | null;
  readonly itemId: string | null;
  /** ms since 1970. */
  readonly failedAt: number | null;
  readonly attempts: number | null;
  readonly reason: string | null;
}

const lettersAtOnce = 100;

/** The dead letters of every queue of the site, oldest first in each. None has the text of an item. */
export async function listDeadLetters(redis: RedisConnection, prefix: string): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const queue of await queuesWithDeadLetters(redis, prefix))
    for (let from = 0; ; from += lettersAtOnce) {
      const ids = await redis.zrange(keysOfQueue(prefix, queue).failed, String(from), String(from + lettersAtOnce - 1));
      letters.push(...(await Promise.all(ids.map((id) => read(redis, prefix, queue, id)))));
      if (ids.length < lettersAtOnce) break;
    }
  return letters;
}

/** Only while it is a dead letter: a job that is being retried stays. */
const removeScript = `
local failed_key, job_key, logs_key = unpack(KEYS)
local id = unpack(ARGV)
if redis.call('ZREM', failed_key, id) == 0 then return 0 end
redis.call('DEL', job_key, logs_key)
return 1`;

/** Returns the queues that it was removed from; empty if there is no such dead letter. */
export async function removeDeadLetter(redis: RedisConnection, prefix: string, id: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const queue of await queuesWithDeadLetters(redis, prefix)) {
    const { failed, job, logs } = keysOfQueue(prefix, queue);
    const keys = [failed, job(id), logs(id)];
    if ((await redis.eval(removeScript, keys.length, ...keys, id)) === 1) removed.push(queue);
  }
  return removed;
}

async function queuesWithDeadLetters(redis: RedisConnection, prefix: string): Promise<readonly string[]> {
  const queues = new Set<string>();
  for await (const names of keysIn(redis, keyPatterns(prefix).failedJobs))
    for (const name of names) {
      const { edition = '' } = editionOfName(nameOf(prefix, name)) ?? {};
      for (const tag of [edition, urgentTag(edition)]) if (keysOfQueue(prefix, tag).failed === name) queues.add(tag);
    }
  return [...queues].sort();
}

/** Any program may have written the job, so each field is parsed on its own. */
const job = z.object({
  name: z.string().nullable().catch(null),
  data: z.string().transform(parseJson).catch(null),
  finishedOn: z.coerce.number().int().positive().max(8.64e15).nullable().catch(null),
  atm: z.coerce.number().int().nonnegative().nullable().catch(null),
  failedReason: z.string().nullable().catch(null),
});

async function read(redis: RedisConnection, prefix: string, queue: string, id: string): Promise<DeadLetter> {
  const fields = await redis.hgetall(keysOfQueue(prefix, queue).job(id)).catch(nullIfWrongType);
  const { name, data, finishedOn, atm, failedReason } = job.parse(fields ?? {});
  const ours = readJob(data);
  const { edition = null, commandId = null } = ours.type === 'job' ? ours.data : {};
  const itemId =
    edition === null || commandId === null
      ? null
      : await redis.hget(editionKeys(prefix, edition).command(commandId), 'item').catch(nullIfWrongType);
  return {
    queue,
    id,
    kind: name,
    edition,
    commandId,
    itemId,
    failedAt: finishedOn,
    attempts: atm,
    reason: failedReason,
  };
}
