import type { IncomingMessage } from 'node:http';
import type { Direction, PublicItem } from '../../item/item.ts';
import type { Filter } from '../../protocol/filter.ts';

/** An item that was shown and was taken back; `notice` is that of a retraction. */
export interface TakenBack {
  readonly id: string;
  readonly version: number;
  readonly place: number;
  readonly language: string;
  readonly dir: Direction;
  /** ms. */
  readonly at: number;
  readonly notice: string | null;
}

export interface NewsSnapshot {
  /** Newest place first. */
  readonly items: readonly PublicItem[];
  readonly more: boolean;
  readonly position: string;
  /** What the filter showed and was taken back in the last 48 h; for feeds. */
  readonly withdrawn: readonly TakenBack[];
  /** Times of the edition's newest entry and of the one before it, ms; 0 where there is none. */
  readonly changed: { readonly at: number; readonly before: number };
}

/** Where pages and syndication get the public news from. */
export interface NewsSource {
  /** From memory; newest place first, with where it stands. Null while the edition is not loaded. */
  snapshot(filter: Filter, limit: number): NewsSnapshot | null;
  /** Shown items below a place; `next` is the `before` of the page after. Null: too many ask at once. Rejects while the log is away. */
  history(
    filter: Filter,
    before: number,
    limit: number,
    client?: string,
  ): Promise<{ readonly items: readonly PublicItem[]; readonly next: number | null } | null>;
  /** As it stands, or what is left of it; null: never heard of; `busy`: too many ask at once. Rejects while the log is away. */
  item(id: string, client?: string): Promise<PublicItem | 'busy' | null>;
  /** Who a request counts for where not all can be answered; all are one without it. */
  clientOf?(request: IncomingMessage): string;
  /** Calls back after every entry: what was made of the news before it may hold text that has been taken back. */
  onChange(listener: () => void): void;
}
