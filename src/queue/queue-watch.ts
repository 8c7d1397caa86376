import type { RedisConnection } from '../log/redis/shards.ts';
import { keysOfQueue, tagsOf } from './job.ts';

/** The current state of one queue. */
export interface QueueSight {
  /** The edition, or `<edition>:urgent`. */
  readonly tag: string;
  /** The next job; null if none waits. */
  readonly first: string | null;
  readonly waiting: number;
  /** Jobs that are not retried. */
  readonly deadLetters: number;
  /** Whether STOP holds it. */
  readonly isHeld: boolean;
}

/** The state of all queues, read from BullMQ's keys without BullMQ, so that a BullMQ client that receives no jobs hides nothing. */
export interface QueueWatch {
  readonly tags: readonly string[];
  /** In the order of `tags`. Rejects while Redis is unreachable. */
  look(): Promise<readonly QueueSight[]>;
  /**
   * BullMQ throws at a job whose fields are not JSON before a worker gets it, and takes it again endlessly while the edition waits.
   * This gives each such active job readable fields, so that a worker refuses it. Returns their ids.
   */
  repair(tag: string): Promise<readonly string[]>;
}

const jsonFields = ['data', 'opts', 'progress', 'parent'] as const;

export function createQueueWatch(redis: RedisConnection, prefix: string, editions: readonly string[]): QueueWatch {
  const tags = tagsOf(editions);
  return {
    tags,
    look: () =>
      Promise.all(
        tags.map(async (tag) => {
          const keys = keysOfQueue(prefix, tag);
          const [first, waiting, deadLetters, held] = await Promise.all([
            redis.lindex(keys.wait, -1),
            redis.llen(keys.wait),
            redis.zcard(keys.failed),
            redis.hexists(keys.meta, 'paused'),
          ]);
          return { tag, first, waiting, deadLetters, isHeld: held === 1 };
        }),
      ),
    repair: async (tag) => {
      const keys = keysOfQueue(prefix, tag);
      const repaired: string[] = [];
      for (const id of await redis.lrange(keys.active, 0, -1)) {
        const key = keys.job(id);
        if ((await redis.hmget(key, ...jsonFields)).every(isJson)) continue;
        await redis.hdel(key, 'progress', 'parent');
        await redis.hset(key, { data: '"unreadable"', opts: '{"removeOnFail":false}' });
        // No worker has it, because BullMQ threw. The next check for stalled jobs puts it back.
        await redis.del(keys.lock(id));
        repaired.push(id);
      }
      return repaired;
    },
  };
}

function isJson(text: string | null): boolean {
  if (text === null || text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
