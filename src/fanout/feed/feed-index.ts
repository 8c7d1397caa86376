import type { Entry } from '../../log/entries/entry.ts';
import type { Filter } from '../../protocol/filter.ts';
import { touches } from './effect.ts';

interface Filtered {
  readonly filter: Filter;
}

/** `all`: the filter has no facets. */
type Place = 'all' | `${'topic' | 'region' | 'section' | 'urgency'} ${string}`;

/**
 * Feeds by a facet that their filter demands, so that an entry meets the few feeds that it can concern and not all of them: with
 * 4,000 feeds a look at each costs several ms an entry. Clients invent topics, so a filter with topics is found by these.
 */
export class FeedIndex<Feed extends Filtered> {
  readonly #feeds = new Map<Place, Set<Feed>>();

  add(feed: Feed): void {
    for (const place of placesOf(feed.filter)) {
      const feeds = this.#feeds.get(place) ?? new Set();
      this.#feeds.set(place, feeds.add(feed));
    }
  }

  remove(feed: Feed): void {
    for (const place of placesOf(feed.filter)) {
      const feeds = this.#feeds.get(place);
      feeds?.delete(feed);
      if (feeds?.size === 0) this.#feeds.delete(place);
    }
  }

  /** Feeds that the entry touches. A feed with alternatives may come more than once. */
  *touchedBy(entry: Entry): Iterable<Feed> {
    for (const place of placesIn(entry))
      for (const feed of this.#feeds.get(place) ?? []) if (touches(feed.filter, entry)) yield feed;
  }
}

function placesOf({ topics, regions, sections, urgencies }: Filter): readonly Place[] {
  if (topics.length > 0) return topics.map((id) => `topic ${id}` as const);
  if (regions.length > 0) return regions.map((id) => `region ${id}` as const);
  if (sections.length > 0) return sections.map((id) => `section ${id}` as const);
  return urgencies.length > 0 ? urgencies.map((id) => `urgency ${id}` as const) : ['all'];
}

function placesIn({ now, was }: Entry): ReadonlySet<Place> {
  const places = new Set<Place>(['all']);
  for (const facets of [now, was]) {
    if (facets === null) continue;
    for (const id of facets.topics) places.add(`topic ${id}`);
    for (const id of facets.regions) places.add(`region ${id}`);
    for (const id of facets.sections) places.add(`section ${id}`);
    places.add(`urgency ${facets.urgency}`);
  }
  return places;
}
