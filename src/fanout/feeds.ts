import { type Filter, filterKey } from '../protocol/filter.ts';
import type { Edition } from './edition.ts';
import { Feed } from './feed.ts';
import { FeedWire, type WireContext } from './feed-wire.ts';
import type { Framing } from './framing.ts';

export interface FeedLimits {
  readonly feeds: number;
  /** How long a feed stays after its last reader. */
  readonly idleMs: number;
}

export const feedLimits: FeedLimits = { feeds: 4_096, idleMs: 60_000 };

export interface FeedsContext extends WireContext {
  /** An entry is to be told to the readers that a feed has now. */
  onTouched(feed: Feed, seq: number): void;
}

/** The feeds of a process, one a filter. */
export class Feeds {
  readonly #limits: FeedLimits;
  readonly #context: FeedsContext;
  readonly #feeds = new Map<string, { readonly feed: Feed; readonly wires: Map<Framing, FeedWire> }>();

  constructor(limits: FeedLimits, context: FeedsContext) {
    this.#limits = limits;
    this.#context = context;
  }

  get size(): number {
    return this.#feeds.size;
  }

  /** Null when there is no room for another feed. */
  open(
    edition: Edition,
    filter: Filter,
    framing: Framing,
    now: number,
  ): { readonly feed: Feed; readonly wire: FeedWire } | null {
    const key = filterKey(filter);
    let known = this.#feeds.get(key);
    if (!known) {
      if (this.#feeds.size >= this.#limits.feeds) this.expire(now);
      if (this.#feeds.size >= this.#limits.feeds) return null;
      known = { feed: new Feed(key, filter, edition, this.#context.onTouched), wires: new Map() };
      known.feed.idleSince = now;
      this.#feeds.set(key, known);
    }
    let wire = known.wires.get(framing);
    if (!wire) {
      wire = new FeedWire(known.feed, framing, this.#context);
      known.wires.set(framing, wire);
    }
    return { feed: known.feed, wire };
  }

  *of(editionId: string): Iterable<Feed> {
    for (const { feed } of this.#feeds.values()) if (feed.edition.id === editionId) yield feed;
  }

  /** Lets go of the feeds that have had no reader for long enough. */
  expire(now: number): void {
    for (const [key, { feed }] of this.#feeds) {
      if (feed.idleSince !== null && now - feed.idleSince >= this.#limits.idleMs) this.#feeds.delete(key);
    }
  }
}
