import type { Redis } from 'ioredis';
import { keysOfQueue, tagsOf } from './job.ts';

/** One queue as it stands now. */
export interface QueueSight {
  /** The edition, or `<edition>:urgent`. */
  readonly tag: string;
  /** The job that is next in line; null: none waits. */
  readonly first: string | null;
  readonly waiting: number;
  /** Jobs that nobody will try again by itself. */
  readonly deadLetters: number;
  /** STOP holds it. */
  readonly isHeld: boolean;
}

/** What a queue shows to those who watch it, read from BullMQ's keys without BullMQ, so that a client of it that has gone deaf hides nothing. */
export interface QueueWatch {
  readonly tags: readonly string[];
  /** In the order of `tags`. Rejects when Redis is away. */
  look(): Promise<readonly QueueSight[]>;
  /**
   * BullMQ throws at a job whose fields are not JSON before anyone sees it, and takes it up again for ever; behind it the
   * edition waits. Gives each such job in hand fields that can be read, and refused. Returns their ids.
   */
  mend(tag: string): Promise<readonly string[]>;
}

const jsonFields = ['data', 'opts', 'progress', 'parent'] as const;

export function createQueueWatch(redis: Redis, prefix: string, editions: readonly string[]): QueueWatch {
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
    mend: async (tag) => {
      const keys = keysOfQueue(prefix, tag);
      const mended: string[] = [];
      for (const id of await redis.lrange(keys.active, 0, -1)) {
        const key = keys.job(id);
        if ((await redis.hmget(key, ...jsonFields)).every(isJson)) continue;
        await redis.hdel(key, 'progress', 'parent');
        await redis.hset(key, { data: '"unreadable"', opts: '{"removeOnFail":false}' });
        // Nobody has it in hand: it threw before. The next look for stalled jobs puts it back.
        await redis.del(keys.lock(id));
        mended.push(id);
      }
      return mended;
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
