import { z } from 'zod';
import { directions, withdrawals } from '../../item/item.ts';
import { redisErrorKind } from '../redis/redis-error.ts';
import type { EditionKeys } from '../redis/redis-keys.ts';
import { withdrawnKept } from '../redis/retention.ts';
import type { RedisConnection } from '../redis/shards.ts';
import type { Entry, Withdrawn } from './entry.ts';
import { type Header, parseFacets } from './reply.ts';

const record = z.object({
  version: z.coerce.number(),
  status: z.enum(['usable', ...withdrawals]),
  place: z.coerce.number(),
  facets: z.string().transform(parseFacets),
  language: z.string(),
  dir: z.enum(directions),
  notice: z.string().optional(),
});

/**
 * The items that append.lua listed as withdrawn, newest first, as their records are now. Empty if this Redis user may not read
 * the list yet (an ACL file of an earlier version) or the key is damaged. Feeds then know only the newest entries; nothing else
 * depends on the list.
 */
export async function readWithdrawn(redis: RedisConnection, keys: EditionKeys): Promise<readonly Withdrawn[]> {
  const found = await redis.zrevrange(keys.withdrawn, 0, withdrawnKept - 1, 'WITHSCORES').catch(emptyIfRefused);
  const ids = found.filter((_, at) => at % 2 === 0);
  const read = await Promise.all(
    ids.map(async (id, index): Promise<Withdrawn | null> => {
      const item = record.safeParse(await redis.hgetall(keys.item(id)));
      if (!item.success || item.data.status === 'usable') return null;
      const { status: kind, notice, ...rest } = item.data;
      return { id, at: Number(found[index * 2 + 1]), kind, ...rest, notice: noticeOf(kind, notice) };
    }),
  );
  return read.filter((one) => one !== null);
}

/** The item that an entry withdrew, as its message says. The end of a notice (command `n_..`) withdraws nothing. */
export async function withdrawnBy(
  redis: RedisConnection,
  keys: EditionKeys,
  { fields }: Header,
): Promise<Pick<Entry, 'withdrawn'>> {
  const { n: now, r: kind, c: commandId, i: id, v: version, p: place, t: at } = fields;
  if (now !== null || kind === null || kind === 'moved' || commandId.startsWith('n_')) return {};
  const item = record.safeParse(await redis.hgetall(keys.item(id)));
  if (!item.success) return {};
  const { facets, language, dir, notice } = item.data;
  return { withdrawn: { id, version, place, kind, at, facets, language, dir, notice: noticeOf(kind, notice) } };
}

function noticeOf(kind: Withdrawn['kind'], notice: string | undefined): string | null {
  return kind === 'retracted' && notice ? notice : null;
}

function emptyIfRefused(error: unknown): string[] {
  const kind = redisErrorKind(error);
  if (kind === 'denied' || kind === 'wrong-type') return [];
  throw error;
}
