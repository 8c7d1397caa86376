import type { Site } from '../../item/site.ts';
import { parseFeedQuery } from '../../protocol/feed-query.ts';
import type { Filter } from '../../protocol/filter.ts';
import { badQuery, type Problem } from './problem.ts';

export interface FeedRequest {
  readonly filter: Filter;
  readonly limit: number;
  readonly since: string | null;
}

/** The path and query of a request target; null when it cannot be read. */
export function parseTarget(target: string): { readonly path: string; readonly query: URLSearchParams } | null {
  if (!target.startsWith('/') || target.startsWith('//')) return null;
  const mark = target.indexOf('?');
  return mark === -1
    ? { path: target, query: new URLSearchParams() }
    : { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/** What a query asks of a feed, or all that is wrong with it. An edition that needs a key is answered as one that there is not. */
export function readFeedQuery(query: URLSearchParams, site: Site): FeedRequest | { readonly problem: Problem } {
  const result = parseFeedQuery(query, site);
  if (!result.ok) return { problem: badQuery(result.problems) };
  return { filter: result.filter, limit: result.limit, since: result.since };
}
