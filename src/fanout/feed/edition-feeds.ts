import type { Edition } from '../edition/edition.ts';
import type { Feed, FeedHost } from './feed.ts';
import { FeedIndex } from './feed-index.ts';
import type { FeedWire } from './feed-wire.ts';
import type { Framing } from './framing.ts';

export interface OpenFeed {
  readonly feed: Feed;
  readonly isPlain: boolean;
  readonly wires: Map<Framing, FeedWire>;
}

/** The open feeds of one edition. Its costs per entry depend on the feeds that the entry touches, not on all of them. */
export class EditionFeeds implements FeedHost {
  readonly byKey = new Map<string, OpenFeed>();
  /** Feeds without readers. */
  readonly idle = new Set<OpenFeed>();
  readonly ahead = new Set<Feed>();
  readers = 0;
  coveredTo = 0;
  #epochChanges = -1;
  #isStale = false;
  readonly #index = new FeedIndex<Feed>();
  readonly #onTouched: (feed: Feed, seq: number) => void;
  readonly #onReaders: (feed: OpenFeed) => void;

  /** `onTouched`: an entry is for the current readers of a feed. `onReaders`: a reader of an open feed joined or left. */
  constructor(onTouched: (feed: Feed, seq: number) => void, onReaders: (feed: OpenFeed) => void) {
    this.#onTouched = onTouched;
    this.#onReaders = onReaders;
  }

  add(open: OpenFeed): void {
    this.byKey.set(open.feed.key, open);
    this.idle.add(open);
    this.#index.add(open.feed);
  }

  remove(open: OpenFeed): void {
    this.byKey.delete(open.feed.key);
    this.idle.delete(open);
    this.ahead.delete(open.feed);
    this.#index.remove(open.feed);
  }

  onTouched(feed: Feed, seq: number): void {
    this.#onTouched(feed, seq);
  }

  onReaders(feed: Feed, change: 1 | -1): void {
    this.readers += change;
    const open = this.byKey.get(feed.key);
    if (open?.feed !== feed) return;
    if (feed.readers.length > 0) this.idle.delete(open);
    else this.idle.add(open);
    this.#onReaders(open);
  }

  /**
   * The feeds with readers that a change of the edition concerns; each of them is behind. A new epoch, another staleness, or entries
   * that the ring no longer holds concern them all.
   */
  concerned({ replica, epochChanges, isStale }: Edition): Iterable<Feed> {
    const { head, floor } = replica ?? { head: this.coveredTo, floor: 0 };
    const isForAll = epochChanges !== this.#epochChanges || isStale !== this.#isStale || this.coveredTo < floor;
    const concerned = new Set<Feed>();
    const add = (feed: Feed) => {
      feed.fallBehind(this.coveredTo);
      if (feed.readers.length > 0) concerned.add(feed);
    };
    if (isForAll) for (const { feed } of this.byKey.values()) add(feed);
    else
      for (let seq = this.coveredTo + 1; seq <= head; seq++) {
        const entry = replica?.slot(seq)?.entry;
        if (entry) for (const feed of this.#index.touchedBy(entry)) add(feed);
      }
    this.#epochChanges = epochChanges;
    this.#isStale = isStale;
    this.coveredTo = head;
    return concerned;
  }
}
