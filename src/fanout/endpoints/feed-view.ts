import type { IncomingMessage } from 'node:http';
import type { PublicItem } from '../../item/item.ts';
import type { Withdrawn } from '../../log/entries/entry.ts';
import type { Filter } from '../../protocol/filter.ts';
import { formatPosition } from '../../protocol/position.ts';
import type { Edition } from '../edition/edition.ts';
import type { Reads } from '../edition/reads.ts';

/** The newest items of a feed at one position. */
export interface FeedSnapshot {
  /** Newest place first. Includes notices that are still shown. */
  readonly items: readonly PublicItem[];
  /** Whether older items may exist. */
  readonly more: boolean;
  /** The position from which a client resumes without a gap. */
  readonly position: string;
  /** The log is unreachable, so the snapshot may be behind. */
  readonly isStale: boolean;
  /** Items that the filter showed and that were withdrawn in the 48 h before the newest entry, newest place first. */
  readonly withdrawn: readonly Withdrawn[];
  /** Times of the edition's newest entry and of the entry before it, ms; 0 if there is none. */
  readonly changed: { readonly at: number; readonly before: number };
}

/** One page of older items. */
export interface HistoryPage {
  /** Newest place first. */
  readonly items: readonly PublicItem[];
  /** The `before` of the next page; null on the last page. */
  readonly next: number | null;
}

/** The items of public editions, as pages and syndication read them. */
export interface FeedView {
  /** Reads from memory. Null until the edition has loaded, and for an edition that is not public. */
  snapshot(filter: Filter, limit: number): FeedSnapshot | null;
  /** Shown items below a place. Null if too many clients ask at once. Rejects while the log is unreachable. */
  history(filter: Filter, before: number, limit: number, client?: string): Promise<HistoryPage | null>;
  /**
   * The current version of an item, or its tombstone. Null if no public edition has had it, `busy` if too many clients ask at
   * once. Rejects while the log is unreachable.
   */
  item(id: string, client?: string): Promise<PublicItem | 'busy' | null>;
  /** The client that a request counts for, so that each client gets a fair share of reads. */
  clientOf(request: IncomingMessage): string;
  /** Calls back after every entry. Anything rendered before may hold text that has since been retracted. */
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
