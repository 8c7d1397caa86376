import type { FieldSet } from '../item/more.ts';
import type { Filter } from '../protocol/filter.ts';

/** Where a feed is, and which one it is. */
export interface FeedAddress {
  /**
   * The server, or a path of the page's own origin.
   * @example 'https://news.example'
   */
  readonly url: string;
  /** The id of the edition to follow. */
  readonly edition: string;
  /**
   * Values of one list are combined with OR, different lists with AND. At most 8 values altogether.
   * @default everything in the edition
   */
  readonly filter?: Partial<Omit<Filter, 'edition' | 'fields'>>;
  /**
   * `full`: items come with their paragraphs, links, picture and quote. A position is the same for both; start without `since` after a change.
   * @default 'default'
   */
  readonly fields?: FieldSet;
  readonly limit: number;
}

/**
 * The WebSocket address of a feed, without a position.
 * @throws TypeError if `url` is not an address.
 */
export function feedUrl(address: FeedAddress): URL {
  const base = new URL(address.url, globalThis.location?.href);
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/v1/feed`, base);
  url.protocol = base.protocol.replace('http', 'ws');
  const query = url.searchParams;
  query.set('edition', address.edition);
  // The name of a parameter is the singular: of `urgencies`, `urgency`. What is no list is not of the filter.
  for (const [name, values] of Object.entries({ ...address.filter }))
    values?.map?.((value) => query.append(name.replace(/ies$/, 'y').replace(/s$/, ''), value));
  query.set('limit', String(address.limit));
  if (address.fields) query.set('fields', address.fields);
  // A phone keeps the usual interval: its networks forget a quiet connection sooner.
  if (!globalThis.matchMedia?.('(pointer:coarse)').matches) query.set('beat', '50');
  return url;
}
