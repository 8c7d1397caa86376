import { createHash } from 'node:crypto';
import { canaryEdition } from '../../item/canary.ts';
import { editionKeys, editionOfName, keyPatterns, nameOf, trails } from '../redis/redis-keys.ts';
import { keysIn } from '../redis/scan.ts';
import type { RedisConnection } from '../redis/shards.ts';

/** An entry or an event, as stored. */
export interface ChainRecord {
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
  /** Names and values in their order, because a duplicate field is a change too. */
  readonly flat: readonly string[];
}

/** The oldest and the newest id of a stream; null if it is empty. */
export interface Ends {
  readonly oldest: string | null;
  readonly newest: string | null;
}

/** The heads, read in one transaction. */
export interface ChainHead {
  readonly meta: Readonly<Record<string, string>>;
  readonly entries: Ends;
  readonly events: Ends;
}

/** The stored data from which readers are served an item. */
export interface StoredItem {
  readonly record: Readonly<Record<string, string>>;
  /** Its place among shown items; null if it is not shown. */
  readonly shownAt: number | null;
}

/** The chain of one edition, from Redis or from an export. */
export interface ChainSource {
  head(): Promise<ChainHead>;
  /** Oldest first, after `after` (null: from the oldest) up to and including `last` (null: to the newest). */
  records(trail: 'log' | 'audit', after: string | null, last: string | null): AsyncIterable<ChainRecord>;
  /** SHA-256 of the text of a version; null without a text. */
  textDigest(itemId: string, version: string): Promise<string | null>;
  /** Null without a record: there never was one, or its time is over. */
  item(itemId: string): Promise<StoredItem | null>;
}

const readAtOnce = 500;

export function redisSource(redis: RedisConnection, prefix: string, edition: string): ChainSource {
  const keys = editionKeys(prefix, edition);
  return {
    head: async () => {
      const multi = redis.multi().hgetall(keys.meta);
      for (const stream of [keys.log, keys.audit])
        multi.xrange(stream, '-', '+', 'COUNT', 1).xrevrange(stream, '+', '-', 'COUNT', 1);
      const [meta, ...ends] = ((await multi.exec()) ?? []).map(([error, value]) => {
        if (error) throw error;
        return value;
      });
      const [oldestEntry, newestEntry, oldestEvent, newestEvent] = (ends as [string, string[]][][]).map(
        ([first]) => first?.[0] ?? null,
      );
      return {
        meta: meta as Record<string, string>,
        entries: { oldest: oldestEntry ?? null, newest: newestEntry ?? null },
        events: { oldest: oldestEvent ?? null, newest: newestEvent ?? null },
      };
    },
    records: (trail, after, last) => streamRecords(redis, keys[trail], after, last),
    textDigest: async (itemId, version) => digestOf(await redis.hget(keys.text(itemId), version)),
    item: async (itemId) => {
      const [record, place] = await Promise.all([redis.hgetall(keys.item(itemId)), redis.zscore(keys.shown, itemId)]);
      if (Object.keys(record).length === 0) return null;
      return { record, shownAt: place === null ? null : Number(place) };
    },
  };
}

/** Every edition that has history, and the trails of the site. */
export async function editionsIn(redis: RedisConnection, prefix: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const names of keysIn(redis, keyPatterns(prefix).ofEditions))
    for (const name of names) {
      const { edition, rest = '' } = editionOfName(nameOf(prefix, name)) ?? {};
      const isHistory = rest === 'meta' || rest === 'log' || rest === 'audit';
      if (edition !== undefined && edition !== canaryEdition.id && isHistory) found.add(edition);
    }
  return sorted(found);
}

/** By name, the trails of the site last. */
export function sorted(editions: Iterable<string>): readonly string[] {
  const all = [...editions].sort();
  return [...all.filter((id) => !trails.includes(id)), ...trails.filter((id) => all.includes(id))];
}

export function digestOf(text: string | null): string | null {
  return text === null ? null : createHash('sha256').update(text).digest('hex');
}

export function recordOf(id: string, flat: readonly string[]): ChainRecord {
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < flat.length; at += 2) fields.set(flat[at] ?? '', flat[at + 1] ?? '');
  return { id, fields, flat };
}

async function* streamRecords(
  redis: RedisConnection,
  key: string,
  after: string | null,
  last: string | null,
): AsyncGenerator<ChainRecord> {
  for (let from = after === null ? '-' : `(${after}`; ; ) {
    const found = await redis.xrange(key, from, last ?? '+', 'COUNT', readAtOnce);
    for (const [id, flat] of found) yield recordOf(id, flat);
    const newest = found.at(-1)?.[0];
    if (found.length < readAtOnce || newest === undefined) return;
    from = `(${newest}`;
  }
}
