import type { Redis } from 'ioredis';
import { z } from 'zod';
import { directions, withdrawals } from '../../item/item.ts';
import { redisErrorKind } from '../redis/redis-error.ts';
import type { EditionKeys } from '../redis/redis-keys.ts';
import { withdrawnKept } from '../redis/retention.ts';
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
 * What append.lua has noted as taken back, newest first, with what each item's record says now. Empty where this Redis user
 * may not read it yet (an ACL file of the version before) or the key is damaged: feeds then say what the newest entries
 * do, and nothing else depends on it.
 */
export async function readWithdrawn(redis: Redis, keys: EditionKeys): Promise<readonly Withdrawn[]> {
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

/** What the entry took back, as its message said: the end of a notice (command `n_..`) takes nothing back. */
export async function withdrawnBy(
  redis: Redis,
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
