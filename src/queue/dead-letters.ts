import type { Redis } from 'ioredis';
import { keysIn } from '../log/scan.ts';
import { queueKey, queuePrefix, readJob } from './job.ts';

/** A job that nobody tries again. */
export interface DeadLetter {
  /** The edition, or `urgent`. */
  readonly queue: string;
  readonly id: string;
  /** What its command would have done; what somebody else wrote there, as it stands. */
  readonly kind: string;
  /** Null: it is none of ours, or nobody can read it. */
  readonly commandId: string | null;
  /** ms since 1970. */
  readonly failedAt: number;
  readonly attempts: number;
  readonly reason: string;
}

/** Those of every queue of the site, the oldest first in each; the text of a line is in none of them. */
export async function listDeadLetters(redis: Redis, prefix: string): Promise<readonly DeadLetter[]> {
  const queues = await queuesWithDeadLetters(redis, prefix);
  const found = await Promise.all(
    queues.map(async (queue) => {
      const ids = await redis.zrange(queueKey(prefix, queue, 'failed'), '0', '-1');
      return Promise.all(ids.map((id) => read(redis, prefix, queue, id)));
    }),
  );
  return found.flat();
}

/** Only while it is a dead letter: one that somebody retries meanwhile stays. */
const removeScript =
  "if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then redis.call('DEL', KEYS[2], KEYS[3]) return 1 end return 0";

/** The queues that it was removed from; none if there is no such dead letter. */
export async function removeDeadLetter(redis: Redis, prefix: string, id: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const queue of await queuesWithDeadLetters(redis, prefix)) {
    const job = queueKey(prefix, queue, id);
    const keys = [queueKey(prefix, queue, 'failed'), job, `${job}:logs`];
    if ((await redis.eval(removeScript, keys.length, ...keys, id)) === 1) removed.push(queue);
  }
  return removed;
}

async function queuesWithDeadLetters(redis: Redis, prefix: string): Promise<readonly string[]> {
  const queues: string[] = [];
  for await (const names of keysIn(redis, `${queuePrefix(prefix, '*')}:*:failed`))
    for (const name of names) {
      const queue = name.slice(prefix.length + 2, name.indexOf('}'));
      if (name === queueKey(prefix, queue, 'failed')) queues.push(queue);
    }
  return queues.sort();
}

async function read(redis: Redis, prefix: string, queue: string, id: string): Promise<DeadLetter> {
  const fields = ['name', 'data', 'finishedOn', 'atm', 'failedReason'] as const;
  const [kind, data, failedAt, attempts, reason] = await redis.hmget(queueKey(prefix, queue, id), ...fields);
  const job = readJob(parsed(data ?? null));
  return {
    queue,
    id,
    kind: kind ?? 'unknown',
    commandId: job.type === 'job' ? job.data.commandId : null,
    failedAt: Number(failedAt ?? 0),
    attempts: Number(attempts ?? 0),
    reason: reason ?? 'unknown',
  };
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
