import { z } from 'zod';
import { directions, withdrawals } from '../../item/item.ts';
import type { HashReader } from '../redis/hash-reader.ts';
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

const recordFields = Object.keys(record.shape);

/**
 * The items that append.lua listed as withdrawn, newest first, as their records are now. Empty if this Redis user may not read
 * the list yet (an ACL file of an earlier version) or the key is damaged. Feeds then know only the newest entries; nothing else
 * depends on the list.
 */
export async function readWithdrawn(
  redis: RedisConnection,
  hashes: HashReader,
  keys: EditionKeys,
): Promise<readonly Withdrawn[]> {
  const found = await redis.zrevrange(keys.withdrawn, 0, withdrawnKept - 1, 'WITHSCORES').catch(emptyIfRefused);
  const ids = found.filter((_, at) => at % 2 === 0);
  const records = await readRecords(hashes, keys, ids);
  return ids.flatMap((id, index): Withdrawn[] => {
    const item = records.get(id);
    if (!item || item.status === 'usable') return [];
    const { status: kind, notice, ...rest } = item;
    return [{ id, at: Number(found[index * 2 + 1]), kind, ...rest, notice: noticeOf(kind, notice) }];
  });
}

/** The items that entries withdrew, as their messages say. The end of a notice (command `n_..`) withdraws nothing. */
export async function readWithdrawnBy(
  hashes: HashReader,
  keys: EditionKeys,
  headers: readonly Header[],
): Promise<ReadonlyMap<Header, Pick<Entry, 'withdrawn'>>> {
  const withdrawing = headers.filter(
    ({ fields: { n: now, c: commandId } }) => now === null && !commandId.startsWith('n_'),
  );
  const records = await readRecords(hashes, keys, [...new Set(withdrawing.map(({ fields }) => fields.i))]);
  return new Map(
    withdrawing.flatMap((header): [Header, Pick<Entry, 'withdrawn'>][] => {
      const { r: kind, i: id, v: version, p: place, t: at } = header.fields;
      const item = records.get(id);
      if (!item || kind === null || kind === 'moved') return [];
      const { facets, language, dir, notice } = item;
      const withdrawn = { id, version, place, kind, at, facets, language, dir, notice: noticeOf(kind, notice) };
      return [[header, { withdrawn }]];
    }),
  );
}

async function readRecords(
  hashes: HashReader,
  keys: EditionKeys,
  ids: readonly string[],
): Promise<ReadonlyMap<string, z.infer<typeof record>>> {
  const replies = await hashes.read(ids.map((id) => ({ key: keys.item(id), fields: recordFields })));
  return new Map(
    ids.flatMap((id, at) => {
      const item = record.safeParse(replies[at]);
      return item.success ? [[id, item.data] as const] : [];
    }),
  );
}

function noticeOf(kind: Withdrawn['kind'], notice: string | undefined): string | null {
  return kind === 'retracted' && notice ? notice : null;
}

function emptyIfRefused(error: unknown): string[] {
  const kind = redisErrorKind(error);
  if (kind === 'denied' || kind === 'wrong-type') return [];
  throw error;
}
