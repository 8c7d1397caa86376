import type { PublicItem, RemovalReason } from './item.ts';

/** What one entry does to a list of shown items, for one feed. */
export type Effect =
  | { readonly type: 'item'; readonly item: PublicItem }
  | { readonly type: 'removal'; readonly id: string; readonly version: number; readonly reason: RemovalReason | string; readonly notice?: string };

/**
 * The items of a list, newest place first, after one more effect. Upsert by (id, version): an older version changes
 * nothing. A removal with a notice leaves the notice in the item's place; one without takes the line away. The same
 * function runs in the replica and in the browser.
 */
export function fold(items: readonly PublicItem[], effect: Effect): readonly PublicItem[] {
  return effect.type === 'item' ? upsert(items, effect.item) : remove(items, effect);
}

function upsert(items: readonly PublicItem[], item: PublicItem): readonly PublicItem[] {
  const known = items.find((candidate) => candidate.id === item.id);
  if (known && known.version >= item.version) return items;
  const others = known ? items.filter((candidate) => candidate !== known) : items;
  const at = others.findIndex((candidate) => candidate.place < item.place);
  return at === -1 ? [...others, item] : [...others.slice(0, at), item, ...others.slice(at)];
}

function remove(items: readonly PublicItem[], effect: Extract<Effect, { type: 'removal' }>): readonly PublicItem[] {
  const known = items.find((candidate) => candidate.id === effect.id);
  if (!known || known.version > effect.version) return items;
  if (effect.notice === undefined) return items.filter((candidate) => candidate !== known);
  const notice: PublicItem = {
    id: known.id,
    version: effect.version,
    place: known.place,
    edition: known.edition,
    language: known.language,
    dir: known.dir,
    status: 'retracted',
    updatedAt: known.updatedAt,
    notice: effect.notice,
  };
  return items.map((candidate) => (candidate === known ? notice : candidate));
}
