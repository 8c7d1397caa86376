import { z } from 'zod';
import { directions, type PublicItem, usableItem, wireTime, withdrawals } from '../../item/item.ts';
import type { HashReader } from '../redis/hash-reader.ts';
import type { EditionKeys } from '../redis/redis-keys.ts';
import type { ShownItem } from './entry.ts';
import { mapInTurns } from './map-in-turns.ts';
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

const recordFields = Object.keys(itemRecord.shape);

/** Items as they are now, `atOnce` in one turn of the event loop, whether shown or not; null for one that was never out, is past its retention, or was retracted meanwhile. */
export async function readItems(
  hashes: HashReader,
  edition: string,
  keys: EditionKeys,
  ids: readonly string[],
  atOnce: number,
): Promise<readonly ((ShownItem & { readonly shown: boolean }) | null)[]> {
  const read = await hashes.read(ids.map((id) => ({ key: keys.item(id), fields: recordFields })));
  const records = await mapInTurns(read, atOnce, (record) => itemRecord.safeParse(record).data);
  const usable = ids.flatMap((id, at) => {
    const record = records[at];
    return record?.status === 'usable' ? [{ id, version: record.textOut }] : [];
  });
  const texts = await hashes.read(usable.map(({ id, version }) => ({ key: keys.text(id), fields: [version] })));
  const textOf = new Map(usable.map(({ id, version }, at) => [id, texts[at]?.[version]]));
  return mapInTurns(ids, atOnce, (id, at) => {
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
