import { siteKeys } from '../redis/redis-keys.ts';
import type { RedisConnection } from '../redis/shards.ts';
import { parseCaller } from './delivery-report.ts';
import { type Roll, rememberedMs } from './roll.ts';

export interface KeptRollDeps {
  readonly redis: RedisConnection;
  readonly prefix: string;
  /** A roll that waits for `recall`. */
  readonly roll: Roll;
  /** Redis' clock, ms. */
  readonly now: () => number;
  /** Whether another process keeps the roll. Default: none does. */
  readonly isSaved?: () => boolean;
}

const everyMs = 5_000;

/**
 * Keeps the newest calls of all processes in Redis. A process that starts does not know which processes fell silent before. Without
 * these calls it would report a delivery as proven that their readers did not get.
 */
export class KeptRoll {
  readonly #deps: KeptRollDeps;
  #kept = new Set<string>();
  #isRead = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: KeptRollDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.keep(), everyMs).unref();
    void this.keep();
  }

  /** While Redis is unreachable, the next call reads and writes instead. */
  async keep(): Promise<void> {
    try {
      if (!this.#isRead) await this.#read();
      this.#isRead = true;
      await this.#write();
    } catch {
      // Other parts report that Redis is unreachable. Nothing is proven until the calls were read.
    }
  }

  /** Deletes the calls of processes that have gone. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#isRead) await this.#forget(this.#heard()).catch(() => undefined);
  }

  async #read(): Promise<void> {
    const { redis, prefix, roll, now } = this.#deps;
    const texts = Object.values(await redis.hgetall(siteKeys(prefix).roll));
    const kept = texts.flatMap((text) => parseCaller(text) ?? []);
    roll.recall(kept.map(({ at, ...caller }) => ({ ...caller, heardAgoMs: Math.max(0, now() - at) })));
    this.#kept = new Set(kept.map(({ process }) => process));
  }

  async #write(): Promise<void> {
    const { redis, prefix } = this.#deps;
    const heard = this.#heard();
    if (this.#deps.isSaved?.()) {
      this.#kept = new Set(heard.keys());
      return;
    }
    await this.#forget(heard);
    if (heard.size === 0) return;
    await redis
      .multi()
      .hset(siteKeys(prefix).roll, Object.fromEntries(heard))
      .expire(siteKeys(prefix).roll, rememberedMs / 1_000)
      .exec();
    this.#kept = new Set(heard.keys());
  }

  async #forget(heard: ReadonlyMap<string, string>): Promise<void> {
    const { redis, prefix } = this.#deps;
    const gone = [...this.#kept].filter((process) => !heard.has(process));
    if (gone.length > 0) await redis.hdel(siteKeys(prefix).roll, ...gone);
    for (const process of gone) this.#kept.delete(process);
  }

  #heard(): ReadonlyMap<string, string> {
    const { roll, now } = this.#deps;
    const at = now();
    return new Map(
      roll
        .heard()
        .map(({ heardAgoMs, ...caller }) => [
          caller.process,
          JSON.stringify({ ...caller, at: Math.round(at - heardAgoMs) }),
        ]),
    );
  }
}
