import type { IncomingMessage } from 'node:http';
import type { Direction, PublicItem } from '../../item/item.ts';
import type { Filter } from '../../protocol/filter.ts';

/** An item that was published and then withheld or retracted; `notice` is that of a retraction. */
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
  /** Items of the filter that were withheld or retracted in the last 48 h, for syndication. */
  readonly withdrawn: readonly TakenBack[];
  /** Times of the edition's newest two entries, ms; 0 where there is none. */
  readonly changed: { readonly at: number; readonly before: number };
}

/** Where pages and syndication get the public news from. */
export interface NewsSource {
  /** The newest items from memory, newest place first, with their position. Null until the edition is loaded. */
  snapshot(filter: Filter, limit: number): NewsSnapshot | null;
  /**
   * Published items below a place; `next` is the `before` of the next page. Null: too many requests at once. Rejects when
   * the log is unreachable.
   */
  history(
    filter: Filter,
    before: number,
    limit: number,
    client?: string,
  ): Promise<{ readonly items: readonly PublicItem[]; readonly next: number | null } | null>;
  /** The item or its tombstone; null: unknown; `busy`: too many requests at once. Rejects when the log is unreachable. */
  item(id: string, client?: string): Promise<PublicItem | 'busy' | null>;
  /** The client that a request counts for when capacity is short. Without it all requests are one client's. */
  clientOf?(request: IncomingMessage): string;
  /** Calls back after every entry: rendered pages may hold retracted text from then on. */
  onChange(listener: () => void): void;
}
