import { z } from 'zod';
import { directions, type PublicItem, usableItem, wireTime, withdrawals } from '../../item/item.ts';
import type { EditionKeys } from '../redis/redis-keys.ts';
import { repliesOf } from '../redis/replies.ts';
import type { RedisConnection } from '../redis/shards.ts';
import type { ShownItem } from './entry.ts';
import { parseBody, parseFacets } from './reply.ts';

const itemRecord = z.object({
  version: z.coerce.number(),
  status: z.enum(['usable', ...withdrawals]),
  place: z.coerce.number(),
  publishedAt: z.coerce.number(),
  updatedAt: z.coerce.number(),
  facets: z.string(),
  language: z.string(),
  dir: z.enum(directions),
  textOut: z.string(),
  shown: z.enum(['0', '1']),
  notice: z.string().optional(),
});

type ItemRecord = Readonly<z.infer<typeof itemRecord>>;

/** Items as they are now, whether shown or not; null for one that was never out, is past its retention, or was retracted meanwhile. */
export async function readItems(
  redis: RedisConnection,
  edition: string,
  keys: EditionKeys,
  ids: readonly string[],
): Promise<readonly ((ShownItem & { readonly shown: boolean }) | null)[]> {
  const recordsAsked = redis.pipeline();
  for (const id of ids) recordsAsked.hgetall(keys.item(id));
  const records = (await repliesOf(recordsAsked)).map((reply) => itemRecord.safeParse(reply).data);
  const usable = ids.filter((_, at) => records[at]?.status === 'usable');
  const textsAsked = redis.pipeline();
  for (const [at, id] of ids.entries())
    if (records[at]?.status === 'usable') textsAsked.hget(keys.text(id), records[at].textOut);
  const texts = usable.length === 0 ? [] : await repliesOf(textsAsked);
  const textOf = new Map(usable.map((id, at) => [id, texts[at]]));
  return ids.map((id, at) => {
    const record = records[at];
    return record ? itemOf(edition, id, record, textOf.get(id)) : null;
  });
}

function itemOf(
  edition: string,
  id: string,
  { version, status, place, publishedAt, updatedAt, shown, notice, language, dir, ...rest }: ItemRecord,
  text: unknown,
): (ShownItem & { readonly shown: boolean }) | null {
  const facets = parseFacets(rest.facets);
  if (status === 'usable') {
    const stamp = { id, version, place, publishedAtMs: publishedAt, updatedAtMs: updatedAt };
    // Without a text it was retracted between the two reads: its entry follows.
    return typeof text === 'string' ? { facets, item: usableItem(parseBody(text), stamp), shown: shown === '1' } : null;
  }
  const item: PublicItem = {
    id,
    version,
    place,
    edition,
    language,
    dir,
    status,
    updatedAt: wireTime(updatedAt),
    ...(notice && { notice }),
  };
  return { facets, item, shown: shown === '1' };
}
