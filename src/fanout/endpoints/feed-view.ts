import type { IncomingMessage } from 'node:http';
import type { PublicItem } from '../../item/item.ts';
import type { Withdrawn } from '../../log/entries/entry.ts';
import type { Filter } from '../../protocol/filter.ts';
import { formatPosition } from '../../protocol/position.ts';
import type { Edition } from '../edition/edition.ts';
import type { Reads } from '../edition/reads.ts';

export interface FeedSnapshot {
  /** Newest place first; notices that are still due included. */
  readonly items: readonly PublicItem[];
  /** Whether older items may exist. */
  readonly more: boolean;
  /** Where a reader goes on from to miss nothing. */
  readonly position: string;
  /** The log cannot be heard: this may be behind. */
  readonly isStale: boolean;
  /** What the filter showed and was taken back in the 48 h before the newest entry, newest place first. */
  readonly withdrawn: readonly Withdrawn[];
  /** Times of the edition's newest entry and of the one before it, ms; 0 where there is none. */
  readonly changed: { readonly at: number; readonly before: number };
}

export interface HistoryPage {
  /** Newest place first. */
  readonly items: readonly PublicItem[];
  /** The `before` of the next page; null: there is none. */
  readonly next: number | null;
}

/** Public news as pages and syndication read it. */
export interface FeedView {
  /** From memory. Null while the edition is not loaded, and for one that is not public. */
  snapshot(filter: Filter, limit: number): FeedSnapshot | null;
  /** Shown items below a place; null: too many ask at once. Rejects while the log is away. */
  history(filter: Filter, before: number, limit: number, client?: string): Promise<HistoryPage | null>;
  /**
   * The item as it stands, or what is left of it; null when no public edition has had it; `busy`: too many ask at once. Rejects
   * while the log is away.
   */
  item(id: string, client?: string): Promise<PublicItem | 'busy' | null>;
  /** Who a request counts for: reads are shared out fairly. */
  clientOf(request: IncomingMessage): string;
  /** Calls back after every entry: what was made of the news before it may hold text that has been taken back. */
  onChange(listener: () => void): void;
}

interface FeedViewDeps extends Reads {
  clientOf(request: IncomingMessage): string;
  edition(id: string): Edition | undefined;
  onChange(listener: () => void): void;
}

export function createFeedView({ history, items, clientOf, edition, onChange }: FeedViewDeps): FeedView {
  return {
    snapshot(filter, limit) {
      const { replica = null, isStale = true } = edition(filter.edition) ?? {};
      if (!replica) return null;
      const position = formatPosition(replica.positionAt(replica.head));
      const { changed } = replica;
      return {
        ...replica.snapshot(filter, limit),
        position,
        isStale,
        withdrawn: replica.withdrawn(filter),
        changed,
      };
    },
    async history(filter, before, limit, client = '') {
      const page = await history.page(filter, before, limit, client);
      return page && { items: page.items.map((shown) => shown.item), next: page.next };
    },
    item: (id, client = '') => items.find(id, client),
    clientOf,
    onChange,
  };
}
