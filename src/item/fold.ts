import type { PublicItem, RemovalReason, Tombstone } from './item.ts';

/** The effect of one entry on the items of one feed. */
export type Effect =
  | { readonly type: 'item'; readonly item: PublicItem }
  | {
      readonly type: 'removal';
      readonly id: string;
      readonly version: number;
      readonly reason: RemovalReason | string;
      readonly notice?: string;
      readonly tombstone?: Tombstone;
    };

/**
 * Applies one effect to a list of items, newest place first. Upsert by (id, version): an older version changes nothing. A
 * removal with a notice puts the notice in the item's place; a removal without one removes the item. The same function runs in
 * the replica and in the browser.
 */
export function fold(items: readonly PublicItem[], effect: Effect): readonly PublicItem[] {
  return effect.type === 'item' ? upsert(items, effect.item) : remove(items, effect);
}

function upsert(items: readonly PublicItem[], item: PublicItem): readonly PublicItem[] {
  const known = items.find((candidate) => candidate.id === item.id);
  if (known && known.version >= item.version) return items;
  return inserted(known ? items.filter((candidate) => candidate !== known) : items, item);
}

function inserted(items: readonly PublicItem[], item: PublicItem): readonly PublicItem[] {
  const at = items.findIndex((candidate) => candidate.place < item.place);
  return at === -1 ? [...items, item] : [...items.slice(0, at), item, ...items.slice(at)];
}

function remove(items: readonly PublicItem[], effect: Extract<Effect, { type: 'removal' }>): readonly PublicItem[] {
  const known = items.find((candidate) => candidate.id === effect.id);
  if (known && known.version > effect.version) return items;
  if (effect.notice === undefined) return known ? items.filter((candidate) => candidate !== known) : items;
  const notice = effect.tombstone ?? (known && noticeInPlaceOf(known, effect.version, effect.notice));
  if (!notice) return items;
  return known ? items.map((candidate) => (candidate === known ? notice : candidate)) : inserted(items, notice);
}

function noticeInPlaceOf(known: PublicItem, version: number, notice: string): Tombstone {
  return {
    id: known.id,
    version,
    place: known.place,
    edition: known.edition,
    language: known.language,
    dir: known.dir,
    status: 'retracted',
    updatedAt: known.updatedAt,
    notice,
  };
}
