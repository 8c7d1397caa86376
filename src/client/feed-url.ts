import type { Filter } from '../protocol/filter.ts';

export interface FeedAddress {
  /** The server: `https://news.example`, or a path of the page's own. */
  readonly url: string;
  readonly edition: string;
  readonly filter?: Partial<Omit<Filter, 'edition'>>;
  readonly limit: number;
}

/** The WebSocket address of a feed. Throws a TypeError when `url` is no address. */
export function feedUrl(address: FeedAddress): URL {
  const base = new URL(address.url, globalThis.location?.href);
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/v1/feed`, base);
  url.protocol = base.protocol.replace('http', 'ws');
  const query = url.searchParams;
  query.set('edition', address.edition);
  for (const value of address.filter?.sections ?? []) query.append('section', value);
  for (const value of address.filter?.regions ?? []) query.append('region', value);
  for (const value of address.filter?.topics ?? []) query.append('topic', value);
  for (const value of address.filter?.urgencies ?? []) query.append('urgency', value);
  query.set('limit', String(address.limit));
  return url;
}
