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
  const { id, version } = effect.type === 'item' ? effect.item : effect;
  const known = items.find((item) => item.id === id);
  if (known && (known.version > version || (effect.type === 'item' && known.version === version))) return items;
  const next = effect.type === 'item' ? effect.item : noticeOf(effect, known);
  const others = known ? items.filter((item) => item !== known) : items;
  return next ? inserted(others, next) : others;
}

function inserted(items: readonly PublicItem[], item: PublicItem): readonly PublicItem[] {
  const at = items.findIndex((candidate) => candidate.place < item.place);
  return at === -1 ? [...items, item] : [...items.slice(0, at), item, ...items.slice(at)];
}

function noticeOf(effect: Extract<Effect, { type: 'removal' }>, known?: PublicItem): Tombstone | undefined {
  const { notice, tombstone, version } = effect;
  if (notice === undefined) return undefined;
  if (tombstone || !known) return tombstone;
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
