import { type Filter, filterKey } from '../../protocol/filter.ts';
import type { Edition } from '../edition/edition.ts';
import { createFeedBudgets } from './budgets.ts';
import { EditionFeeds, type OpenFeed } from './edition-feeds.ts';
import { Feed, type FeedReader } from './feed.ts';
import { FeedWire, type WireContext } from './feed-wire.ts';
import type { Framing } from './framing.ts';

/** Bounds of the feeds of a process. */
export interface FeedLimits {
  /** Most feeds with filters that are not plain. Clients can invent more of them than a process can hold. */
  readonly feeds: number;
  /** How many of those feeds one address may follow at once. */
  readonly perAddress?: number;
  /** How long a plain feed stays open after its last reader. */
  readonly idleMs: number;
}

export const feedLimits = { feeds: 4_096, perAddress: 64, idleMs: 60_000 } as const satisfies FeedLimits;

export interface FeedsContext extends WireContext {
  /** An entry is for the current readers of a feed. */
  onTouched(feed: Feed, seq: number): void;
  /** Whether a filter is one of the few that the site itself defines, whose feed is always opened. Default: none. */
  isPlain?(filter: Filter): boolean;
}

/**
 * The feeds of a process, one per filter. Plain filters are a closed set, and their feeds stay open for a while after their
 * last reader. All other feeds share a bound and close with their last reader, so that only connected readers use it up.
 */
export class Feeds {
  readonly #limits: FeedLimits;
  readonly #context: FeedsContext;
  readonly #editions = new Map<string, EditionFeeds>();
  #size = 0;
  /** Number of feeds that are not plain. `#unused`: those of them that have had no reader yet, oldest first. */
  #bounded = 0;
  readonly #unused = new Set<OpenFeed>();

  constructor(limits: FeedLimits, context: FeedsContext) {
    this.#limits = limits;
    this.#context = { budgets: createFeedBudgets(), ...context };
  }

  get size(): number {
    return this.#size;
  }

  /** Number of readers of an edition. */
  readersOf(editionId: string): number {
    return this.#editions.get(editionId)?.readers ?? 0;
  }

  /** Null when there is no room for another feed. */
  open(
    edition: Edition,
    filter: Filter,
    framing: Framing,
    now: number,
    key = filterKey(filter),
  ): { readonly feed: Feed; readonly wire: FeedWire } | null {
    const open = this.#editions.get(edition.id)?.byKey.get(key) ?? this.#add(edition, filter, key, now);
    if (!open) return null;
    let wire = open.wires.get(framing);
    if (!wire) {
      wire = new FeedWire(open.feed, framing, this.#context);
      open.wires.set(framing, wire);
    }
    return { feed: open.feed, wire };
  }

  /** The feeds with readers that a change of the edition concerns. */
  concerned(edition: Edition): Iterable<Feed> {
    return this.#editions.get(edition.id)?.concerned(edition) ?? [];
  }

  /** Yields the readers whose position lies beyond a head that was read after they joined. Each of them gets a snapshot. */
  *rejectPositions({ id, replica }: Edition): Iterable<FeedReader> {
    if (replica) for (const feed of this.#editions.get(id)?.ahead ?? []) yield* feed.rejectPositions(replica);
  }

  /** Clears the wires of feeds without readers: their bytes are outdated and may hold a text that was just retracted. */
  forgetIdle(editionId: string): void {
    for (const { wires } of this.#editions.get(editionId)?.idle ?? []) for (const wire of wires.values()) wire.clear();
  }

  /** Closes the feeds that have had no reader for long enough. */
  expire(now: number): void {
    for (const { idle } of this.#editions.values())
      for (const open of idle) {
        const { idleSince } = open.feed;
        if (idleSince !== null && now - idleSince >= this.#limits.idleMs) this.#close(open);
      }
  }

  #add(edition: Edition, filter: Filter, key: string, now: number): OpenFeed | null {
    const isPlain = this.#context.isPlain?.(filter) ?? false;
    if (!isPlain && !this.#hasRoom()) return null;
    const feeds = this.#ofEdition(edition.id);
    const feed = new Feed(key, filter, edition, feeds);
    feed.idleSince = now;
    const open: OpenFeed = { feed, isPlain, wires: new Map() };
    feeds.add(open);
    this.#size++;
    if (isPlain) return open;
    this.#bounded++;
    this.#unused.add(open);
    return open;
  }

  #ofEdition(id: string): EditionFeeds {
    const feeds =
      this.#editions.get(id) ??
      new EditionFeeds(this.#context.onTouched, (open) => {
        if (open.isPlain) return;
        if (open.feed.readers.length === 0) this.#close(open);
        else this.#unused.delete(open);
      });
    this.#editions.set(id, feeds);
    return feeds;
  }

  /** Closes a feed without readers if that is needed. */
  #hasRoom(): boolean {
    if (this.#bounded < this.#limits.feeds) return true;
    const [oldest] = this.#unused;
    if (oldest) this.#close(oldest);
    return oldest !== undefined;
  }

  #close(open: OpenFeed): void {
    const feeds = this.#editions.get(open.feed.edition.id);
    if (feeds?.byKey.get(open.feed.key) !== open) return;
    feeds.remove(open);
    for (const wire of open.wires.values()) wire.clear();
    this.#size--;
    if (open.isPlain) return;
    this.#bounded--;
    this.#unused.delete(open);
  }
}
