import { z } from 'zod';
import { parseJson } from '../../item/json.ts';
import { type DeskNewsFollower, tellDesks } from '../../log/commands/desk-news.ts';
import { siteKeys } from '../../log/redis/redis-keys.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';

/** An editor with an open desk. */
export interface PresentEditor {
  readonly name: string;
  /** When the first of the editor's desks opened, ms. */
  readonly since: number;
}

export interface PresenceDeps {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly news: DeskNewsFollower;
  /** This process. */
  readonly process: string;
  readonly now: () => number;
  /** Who is present may have changed, here or at another process. */
  onChange(): void;
}

const renewMs = 10_000;
const keptSeconds = 25;
/** A reload closes one desk and opens another. */
const settleMs = 250;

const record = z.record(
  z.string(),
  z.array(z.object({ keyId: z.string(), name: z.string(), since: z.number(), editions: z.array(z.string()) })),
);
const editorsOf = (text: string | null): readonly Present[] =>
  (text !== null && record.safeParse(parseJson(text)).data?.['editors']) || [];

interface Present {
  readonly keyId: string;
  readonly name: string;
  readonly since: number;
  readonly editions: readonly string[];
}

/**
 * The editors with an open desk at any api process. Each process with desks keeps one key, renews it every 10 s, and publishes
 * its id when the key changes; the others then read that key. With its first desk a process asks the others to publish
 * theirs. So an open desk costs no command, and nothing is scanned. The key of a process that ends without a goodbye expires.
 */
export class Presence {
  readonly #deps: PresenceDeps;
  readonly #here = new Set<Present>();
  readonly #elsewhere = new Map<string, readonly Present[]>();
  #renewal: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
    deps.news.onNews((news) => {
      if (this.#here.size === 0) return;
      if (news.type === 'presence-wanted') this.#settleSoon();
      else if (news.type === 'presence' && news.id !== deps.process) void this.#look(news.id);
    });
  }

  /** Returns the function that ends it. */
  enter(keyId: string, name: string, editions: readonly string[]): () => void {
    const present = { keyId, name, since: Math.round(this.#deps.now()), editions };
    const isFirst = this.#here.size === 0;
    this.#here.add(present);
    this.#renewal ??= setInterval(() => this.#renew(), renewMs).unref();
    if (isFirst) this.#tell({ type: 'presence-wanted' });
    this.#settleSoon();
    return () => {
      if (this.#here.delete(present)) this.#settleSoon();
    };
  }

  /** One entry for each key, the first to come first. */
  of(edition: string): readonly PresentEditor[] {
    const byKey = new Map<string, PresentEditor>();
    for (const { keyId, name, since, editions } of [...this.#here, ...[...this.#elsewhere.values()].flat()]) {
      const known = byKey.get(keyId);
      if (editions.includes(edition) && (!known || since < known.since)) byKey.set(keyId, { name, since });
    }
    return [...byKey.values()].sort((a, b) => a.since - b.since);
  }

  /** Takes this process out. */
  async close(): Promise<void> {
    clearTimeout(this.#settling);
    const wasHere = this.#renewal !== undefined;
    this.#here.clear();
    if (wasHere) await this.#save();
  }

  #settleSoon(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#deps.onChange();
      void this.#save();
    }, settleMs).unref();
  }

  async #save(): Promise<void> {
    const { redis, prefix, process } = this.#deps;
    const key = siteKeys(prefix).presence(process);
    if (this.#here.size === 0) {
      clearInterval(this.#renewal);
      this.#renewal = undefined;
      this.#elsewhere.clear();
    }
    try {
      if (this.#here.size === 0) await redis.del(key);
      else await this.#write();
    } catch {
      return; // Redis is unreachable: the next renewal writes, or the key expires
    }
    this.#tell({ type: 'presence', id: process });
  }

  async #write(): Promise<void> {
    const { redis, prefix, process } = this.#deps;
    const text = JSON.stringify({ editors: [...this.#here] });
    await redis.set(siteKeys(prefix).presence(process), text, 'EX', keptSeconds);
  }

  /** Also looks whether the keys of the other processes have expired. */
  #renew(): void {
    this.#write().catch(() => undefined); // the next renewal writes
    for (const process of this.#elsewhere.keys()) void this.#look(process);
  }

  async #look(process: string): Promise<void> {
    const { redis, prefix } = this.#deps;
    const text = await redis.get(siteKeys(prefix).presence(process)).catch(() => undefined);
    if (text === undefined) return; // Redis is unreachable: the next renewal reads
    const editors = editorsOf(text);
    if (editors.length > 0) this.#elsewhere.set(process, editors);
    else this.#elsewhere.delete(process);
    this.#deps.onChange();
  }

  #tell(news: Parameters<typeof tellDesks>[2]): void {
    // Whoever misses it learns it at the next change, or when the key expires.
    tellDesks(this.#deps.redis, this.#deps.prefix, news).catch(() => undefined);
  }
}
