import { z } from 'zod';
import { parseJson } from '../../item/json.ts';
import { editionKeys, siteKeys } from '../redis/redis-keys.ts';
import { itemSeconds } from '../redis/retention.ts';
import type { RedisConnection } from '../redis/shards.ts';
import { readItem } from './desk-items.ts';
import type { DeskItem, ItemTranslations, Translation } from './desk-log.ts';
import { tellDesks } from './desk-news.ts';

const body = z.object({ translationOf: z.object({ id: z.string(), version: z.number() }).optional() });

/** The item and version that this item translates; null if it is an original. */
function originalOf(item: Pick<DeskItem, 'body'>): { readonly id: string; readonly version: number } | null {
  if (item.body === '') return null;
  return body.safeParse(parseJson(item.body)).data?.translationOf ?? null;
}

export async function linkTranslation(
  redis: RedisConnection,
  { prefix, itemDays }: { readonly prefix: string; readonly itemDays: number },
  originalId: string,
  edition: string,
  id: string,
): Promise<void> {
  const key = siteKeys(prefix).translations(originalId);
  await redis.multi().sadd(key, `${edition} ${id}`).expire(key, itemSeconds(edition, itemDays)).exec();
  // Once more: an api process that read the original at the acceptance did not find the translation.
  await tellDesks(redis, prefix, { type: 'item', edition, id });
}

export async function readTranslations(
  redis: RedisConnection,
  prefix: string,
  editions: readonly string[],
  item: DeskItem,
): Promise<ItemTranslations> {
  const source = originalOf(item);
  const [original, links] = await Promise.all([
    source ? findItem(redis, prefix, editions, source.id) : null,
    redis.smembers(siteKeys(prefix).translations(item.id)),
  ]);
  const found = await Promise.all(
    links.map((link) => {
      const [edition = '', id = ''] = link.split(' ');
      return editions.includes(edition) ? readItem(redis, prefix, edition, id) : null;
    }),
  );
  return {
    original: original && viewOf(original, null),
    translations: found.flatMap((one) => (one ? [viewOf(one, originalOf(one)?.version ?? null)] : [])),
  };
}

async function findItem(
  redis: RedisConnection,
  prefix: string,
  editions: readonly string[],
  id: string,
): Promise<DeskItem | null> {
  const exist = await Promise.all(editions.map((edition) => redis.exists(editionKeys(prefix, edition).item(id))));
  const edition = editions[exist.indexOf(1)];
  return edition === undefined ? null : readItem(redis, prefix, edition, id);
}

function viewOf({ id, edition, version, state }: DeskItem, of: number | null): Translation {
  return { id, edition, version, state, of };
}
