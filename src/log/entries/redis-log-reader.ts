import { z } from 'zod';
import { directions, wireTime } from '../../item/item.ts';
import { HashReader } from '../redis/hash-reader.ts';
import { type EditionKeys, editionKeys } from '../redis/redis-keys.ts';
import { repliesOf } from '../redis/replies.ts';
import type { RedisConnection } from '../redis/shards.ts';
import type { Entry, Head, ShownItem } from './entry.ts';
import type { EditionState, LogReader } from './log-reader.ts';
import { mapInTurns } from './map-in-turns.ts';
import { entryOf, type Header, parseHeader } from './reply.ts';
import { isRewritten } from './rewritten.ts';
import { readItems } from './shown-items.ts';
import { readWithdrawn, readWithdrawnBy } from './withdrawn.ts';

/** A repair that would read more entries than this is a reload, because reading the items costs less. */
const maxRange = 4_096;

const head = z
  .tuple([z.string().nullable(), z.coerce.number().nullable(), z.string().nullable()])
  .transform(([epoch, seq, hash]): Head => ({ epoch: epoch ?? '', seq: seq ?? 0, hash: hash ?? '' }));
const headFields = ['epoch', 'seq', 'hash'] as const;
const stream = z.array(z.tuple([z.string(), z.array(z.string())]));
const scored = z.array(z.string());

const noticeRecord = z.object({ language: z.string(), dir: z.enum(directions) });

const loadAttempts = 5;

/** Older items that are parsed in one turn of the event loop, at 0.15 ms an item: readers wait for the end of it. */
const itemsAtOnce = 16;
/** Items, or entries, of a load: the readers of its edition wait for the end of all. */
const loadedAtOnce = 64;

/** The log for a fan-out process: reads and one write (`suspect`), so that its Redis user may write nothing else. */
export function createLogReader({
  redis,
  prefix,
}: {
  readonly redis: RedisConnection;
  readonly prefix: string;
}): LogReader {
  const hashes = new HashReader(redis);
  const readHead = async (keys: EditionKeys) => head.parse(await redis.hmget(keys.meta, ...headFields));
  const shownItems = async (edition: string, keys: EditionKeys, ids: readonly string[], atOnce: number) => {
    const read = await readItems(hashes, edition, keys, ids, atOnce);
    return read.flatMap((one): ShownItem[] => (one?.shown ? [{ facets: one.facets, item: one.item }] : []));
  };

  return {
    head: (edition) => readHead(editionKeys(prefix, edition)),
    load: async (edition, limits) => {
      const keys = editionKeys(prefix, edition);
      for (let attempt = 0; attempt < loadAttempts; attempt += 1) {
        const before = await readHead(keys);
        const found = placesOf(await redis.zrevrange(keys.shown, 0, limits.items - 1, 'WITHSCORES'));
        const items = await shownItems(edition, keys, idsOf(found), loadedAtOnce);
        const [now, headers] = await newest(redis, keys, limits.entries);
        const after = now.epoch === before.epoch || before.epoch === '' ? before.seq : null;
        const meanwhile = after === null ? null : headers.filter((header) => header.seq > after);
        if (after === null || meanwhile?.length !== now.seq - after) continue; // more entries were appended during the read than were read
        const entries = await withTexts(hashes, keys, now.epoch, headers, items);
        const changed = entries.filter((entry) => entry.seq > after);
        const state = await foldShown(redis, keys, items, changed, edition);
        // Nothing was read below the lowest place of a full list, so no item may be below it. The list counts as full even
        // if some of its items were withdrawn during the read.
        const floor = found.length < limits.items ? 0 : (found.at(-1)?.place ?? 0);
        const held = state.filter(({ item }) => item.place >= floor);
        const withdrawn = await readWithdrawn(redis, hashes, keys);
        return { head: now, items: held, floor, entries, withdrawn } satisfies EditionState;
      }
      throw new Error(`edition ${edition} changes faster than it can be read`);
    },
    range: async (edition, after) => {
      const keys = editionKeys(prefix, edition);
      const [now, found] = await since(redis, keys, after.seq);
      if (isRewritten(after, now, linkOf(found[0], after.seq))) return 'rewritten';
      const headers = found.filter(({ seq }) => seq > after.seq);
      const isWhole =
        headers.length <= maxRange &&
        (now.seq <= after.seq || (headers[0]?.seq === after.seq + 1 && headers.length === now.seq - after.seq));
      return isWhole ? withTexts(hashes, keys, now.epoch, headers) : null;
    },
    suspect: async (edition, epoch) => {
      await redis.set(editionKeys(prefix, edition).suspect, epoch);
    },
    history: async (edition, before, limit) => {
      const keys = editionKeys(prefix, edition);
      const found = placesOf(
        await redis.zrevrangebyscore(keys.shown, `(${before}`, '-inf', 'WITHSCORES', 'LIMIT', 0, limit),
      );
      const lowest = found.length < limit ? null : (found.at(-1)?.place ?? null);
      const items = await shownItems(edition, keys, idsOf(found), itemsAtOnce);
      return { items, looked: found.length, lowest };
    },
    item: async (edition, id) => {
      const [found] = await readItems(hashes, edition, editionKeys(prefix, edition), [id], 1);
      return found?.item ?? null;
    },
  };
}

interface Place {
  readonly id: string;
  readonly place: number;
}

/** A sorted set with its scores: id, score, id, score. */
function placesOf(reply: unknown): readonly Place[] {
  const found = scored.parse(reply);
  return found.flatMap((id, index) => (index % 2 === 0 ? [{ id, place: Number(found[index + 1]) }] : []));
}

function idsOf(found: readonly Place[]): readonly string[] {
  return found.map(({ id }) => id);
}

/**
 * Applies the entries that were appended while the items were read. An item without such an entry is as it was read; for others
 * the last entry decides. The result is exact as of the last entry.
 */
async function foldShown(
  redis: RedisConnection,
  keys: EditionKeys,
  read: readonly ShownItem[],
  entries: readonly Entry[],
  edition: string,
): Promise<readonly ShownItem[]> {
  const items = new Map(read.map((shown) => [shown.item.id, shown]));
  const last = new Map(entries.map((entry) => [entry.itemId, entry]));
  for (const [id, entry] of last) {
    const shown = await shownBy(redis, keys, entry, edition);
    if (shown) items.set(id, shown);
    else items.delete(id);
  }
  return [...items.values()].sort((a, b) => b.item.place - a.item.place);
}

/** What is in the item's place after the entry: the item, a notice, or null; null too if a later entry erased its text. */
async function shownBy(
  redis: RedisConnection,
  keys: EditionKeys,
  entry: Entry,
  edition: string,
): Promise<ShownItem | null> {
  const { itemId: id, version, place, notice } = entry;
  if (entry.now) return entry.item && { facets: entry.now, item: entry.item };
  if (notice === null || !entry.was) return null;
  const record = noticeRecord.safeParse(await redis.hgetall(keys.item(id)));
  if (!record.success) return null;
  const item = {
    id,
    version,
    place,
    edition,
    ...record.data,
    status: 'retracted',
    updatedAt: wireTime(entry.at),
    notice,
  } as const;
  return { facets: entry.was, item };
}

async function newest(
  redis: RedisConnection,
  keys: EditionKeys,
  count: number,
): Promise<readonly [Head, readonly Header[]]> {
  const replies = await repliesOf(
    redis
      .multi()
      .hmget(keys.meta, ...headFields)
      .xrevrange(keys.log, '+', '-', 'COUNT', count),
  );
  return [head.parse(replies[0]), stream.parse(replies[1]).map(parseHeader).reverse()];
}

/** The link of the entry at `seq`: null if the log has no entry from there on, undefined if that entry was trimmed. */
function linkOf(first: Header | undefined, seq: number): string | null | undefined {
  if (!first) return null;
  return first.seq === seq ? (first.fields.h ?? '') : undefined;
}

/** The head, and the entries from `after` on, itself included. */
async function since(
  redis: RedisConnection,
  keys: EditionKeys,
  after: number,
): Promise<readonly [Head, readonly Header[]]> {
  const replies = await repliesOf(
    redis
      .multi()
      .hmget(keys.meta, ...headFields)
      .xrange(keys.log, `${after}-0`, '+', 'COUNT', maxRange + 2),
  );
  return [head.parse(replies[0]), stream.parse(replies[1]).map(parseHeader)];
}

/**
 * The entries with their texts and what they withdrew. An entry that published the version that one of `items` shows takes it from
 * there, which is most of them.
 */
async function withTexts(
  hashes: HashReader,
  keys: EditionKeys,
  epoch: string,
  headers: readonly Header[],
  items: readonly ShownItem[] = [],
): Promise<readonly Entry[]> {
  const shown = new Map(items.map(({ item }) => [`${item.id} ${item.version}`, item]));
  const knownOf = ({ fields }: Header) => {
    const item = fields.n === null ? undefined : shown.get(`${fields.i} ${fields.v}`);
    return item?.status === 'usable' ? item : null;
  };
  const texts = await readTexts(
    hashes,
    keys,
    headers.filter((header) => header.fields.n !== null && knownOf(header) === null),
  );
  const withdrawn = await readWithdrawnBy(hashes, keys, headers);
  return mapInTurns(headers, loadedAtOnce, (header): Entry => {
    const item = knownOf(header);
    const entry = entryOf(epoch, header, texts.get(header) ?? null);
    return { ...entry, ...(item && { item }), ...withdrawn.get(header) };
  });
}

async function readTexts(
  hashes: HashReader,
  keys: EditionKeys,
  headers: readonly Header[],
): Promise<ReadonlyMap<Header, string | undefined>> {
  const reads = headers.map(({ fields }) => ({ key: keys.text(fields.i), fields: [String(fields.v)] }));
  const found = await hashes.read(reads);
  return new Map(headers.map((header, at) => [header, found[at]?.[header.fields.v]]));
}
