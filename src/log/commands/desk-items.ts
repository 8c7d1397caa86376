import { z } from 'zod';
import { deskActions, type ItemState, itemStates } from '../../item/lifecycle.ts';
import { longestHoldSeconds } from '../../item/schema.ts';
import { editionKeys } from '../redis/redis-keys.ts';
import type { RedisConnection } from '../redis/shards.ts';
import type { DeskItem, DeskLog, DeskVersion, HeldItems } from './desk-log.ts';

const number = z.coerce.number();

export const itemState = z.enum(itemStates);

const itemRecord = z.object({
  edition: z.string(),
  accepted: number,
  state: itemState,
  acceptedAt: number,
  createdAt: number,
  due: number.optional(),
  version: number.optional(),
  place: number.optional(),
  publishedAt: number.optional(),
  updatedAt: number.optional(),
  keyId: z.string(),
  name: z.string(),
  textVersion: z.string().optional(),
  purgedAt: number.optional(),
});

const versionRecord = z.object({
  version: z.number(),
  action: z.enum(deskActions),
  commandId: z.string(),
  at: z.number(),
  keyId: z.string(),
  name: z.string(),
  body: z.string(),
  reason: z.string(),
  notice: z.string(),
});

/** One item for the desk, after everything that was accepted. */
export async function readItem(
  redis: RedisConnection,
  prefix: string,
  edition: string,
  id: string,
): Promise<DeskItem | null> {
  const keys = editionKeys(prefix, edition);
  const record = await redis.hgetall(keys.item(id));
  if (Object.keys(record).length === 0) return null;
  const item = itemRecord.parse(record);
  const version = item.textVersion ? await redis.hget(keys.versions(id), item.textVersion) : null;
  return {
    id,
    edition: item.edition,
    version: item.accepted,
    state: item.state,
    body: version ? parseVersion(version).body : '',
    place: item.place ?? null,
    publishedVersion: item.version ?? null,
    acceptedAt: item.createdAt,
    dueAt: item.due || null,
    publishedAt: item.publishedAt ?? null,
    updatedAt: Math.max(item.updatedAt ?? 0, item.acceptedAt),
    by: { keyId: item.keyId, name: item.name },
    purgedAt: item.purgedAt ?? null,
  };
}

/** Every accepted version, oldest first. */
export async function readVersions(
  redis: RedisConnection,
  prefix: string,
  edition: string,
  id: string,
): Promise<readonly DeskVersion[]> {
  const records = await redis.hgetall(editionKeys(prefix, edition).versions(id));
  return Object.values(records)
    .map(parseVersion)
    .sort((a, b) => a.version - b.version);
}

function parseVersion(json: string): DeskVersion {
  const { keyId, name, reason, notice, ...version } = versionRecord.parse(JSON.parse(json));
  return { ...version, by: { keyId, name }, ...(reason !== '' && { reason }), ...(notice !== '' && { notice }) };
}

const mostHeld = 100;
const shownStates: readonly ItemState[] = ['held', 'queued', 'scheduled', 'published'];

/**
 * The items that a command is going to show which is due, or is held for a moment more. Two commands for one item are one entry, with
 * the kind of the newer one.
 */
export async function listHeld(
  redis: RedisConnection,
  prefix: string,
  edition: string,
  now: number,
): Promise<HeldItems> {
  const keys = editionKeys(prefix, edition);
  const until = now + longestHoldSeconds * 1_000;
  const due = await redis.zrangebyscore(keys.due, '-inf', until);
  const ids = due.slice(0, mostHeld);
  const commands = await Promise.all(ids.map((id) => redis.hmget(keys.command(id), 'item', 'kind')));
  const kinds = new Map(
    commands.flatMap(([item, kind]) =>
      item && (kind === 'publish' || kind === 'correct' || kind === 'release') ? [[item, kind] as const] : [],
    ),
  );
  const held = await Promise.all(
    [...kinds].map(async ([id, kind]) => ({ item: await readItem(redis, prefix, edition, id), kind })),
  );
  return {
    // An item that was hidden or retracted after the command stays out of sight. A scheduled one keeps its time.
    items: held.flatMap(({ item, kind }) =>
      item?.body && shownStates.includes(item.state) && !(item.state === 'scheduled' && (item.dueAt ?? 0) > now)
        ? [{ item, kind }]
        : [],
    ),
    more: due.length - ids.length,
  };
}

/** How many items one page may read while it searches for a state. The next page continues there. */
const maxScanned = 2_000;

/** Pages by time of first acceptance. The cursor is `<ms>_<id>` of the last item that was read. A malformed cursor gives an empty page. */
export async function listItems(
  redis: RedisConnection,
  prefix: string,
  edition: string,
  { limit, before, states }: Parameters<DeskLog['list']>[1],
): ReturnType<DeskLog['list']> {
  const items: DeskItem[] = [];
  let cursor = before === undefined ? null : cursorOf(before);
  if (before !== undefined && !cursor) return { items };
  for (let scanned = 0; scanned < maxScanned; ) {
    const found = await page(redis, editionKeys(prefix, edition).items, cursor, limit);
    const read = await Promise.all(found.map(({ id }) => readItem(redis, prefix, edition, id)));
    for (const [at, item] of read.entries()) {
      cursor = found[at] ?? cursor;
      if (item && (states === undefined || states.includes(item.state))) items.push(item);
      if (items.length === limit) return { items, ...nextOf(cursor) };
    }
    if (found.length < limit) return { items };
    scanned += found.length;
  }
  return { items, ...nextOf(cursor) };
}

interface Cursor {
  readonly at: number;
  readonly id: string;
}

function cursorOf(text: string): Cursor | null {
  const match = /^(\d{1,15})_(.{1,128})$/.exec(text);
  return match?.[1] && match[2] ? { at: Number(match[1]), id: match[2] } : null;
}

function nextOf(cursor: Cursor | null): { readonly next?: string } {
  return cursor ? { next: `${cursor.at}_${cursor.id}` } : {};
}

/** How many items may share the cursor's millisecond before a page comes out too short. */
const sameMs = 100;

async function page(
  redis: RedisConnection,
  key: string,
  before: Cursor | null,
  limit: number,
): Promise<readonly Cursor[]> {
  // Items of one millisecond stand in the order of their ids, so the cursor's own millisecond is read again and skipped up to it.
  const found = await redis.zrevrangebyscore(
    key,
    before?.at ?? '+inf',
    '-inf',
    'WITHSCORES',
    'LIMIT',
    0,
    limit + (before ? sameMs : 0),
  );
  const rows = found.flatMap((id, index) => (index % 2 === 0 ? [{ id, at: Number(found[index + 1]) }] : []));
  return rows.filter(({ id, at }) => !before || at < before.at || id < before.id).slice(0, limit);
}
