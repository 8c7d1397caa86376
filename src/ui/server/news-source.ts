import type { PublicItem } from '../../item/item.ts';
import type { Filter } from '../../protocol/filter.ts';

/** Where pages and syndication get the public news from. */
export interface NewsSource {
  /** From memory; newest place first, with where it stands. Null while the edition is not loaded. */
  snapshot(
    filter: Filter,
    limit: number,
  ): { readonly items: readonly PublicItem[]; readonly more: boolean; readonly position: string } | null;
  /** Shown items below a place; `next` is the `before` of the page after. Null: too many ask at once. Rejects while the log is away. */
  history(
    filter: Filter,
    before: number,
    limit: number,
  ): Promise<{ readonly items: readonly PublicItem[]; readonly next: number | null } | null>;
  /** As it stands, or what is left of it; null: never heard of. Rejects while the log is away. */
  item(id: string): Promise<PublicItem | null>;
  /** Calls back after every entry: what was made of the news before it may hold text that has been taken back. */
  onChange(listener: () => void): void;
}
