import type { Site } from '../../item/site.ts';
import { parseFeedQuery } from '../../protocol/feed-query.ts';
import type { Filter } from '../../protocol/filter.ts';
import { queryOf } from '../../protocol/query.ts';
import { badQuery, type Problem } from './problem.ts';

/** A valid feed query. */
export interface FeedRequest {
  readonly filter: Filter;
  readonly limit: number;
  readonly since: string | null;
}

/** The path and query of a request target; null when it is not a path. Parses the query on access: most endpoints need only the path. */
export function parseTarget(target: string): { readonly path: string; readonly query: URLSearchParams } | null {
  if (!target.startsWith('/') || target.startsWith('//')) return null;
  const mark = target.indexOf('?');
  return {
    path: mark === -1 ? target : target.slice(0, mark),
    get query() {
      return queryOf(target);
    },
  };
}

/** Parses a feed query, or lists everything that is wrong with it. An edition that needs a key is answered like an unknown one. */
export function readFeedQuery(query: URLSearchParams, site: Site): FeedRequest | { readonly problem: Problem } {
  const result = parseFeedQuery(query, site);
  if (!result.ok) return { problem: badQuery(result.problems) };
  return { filter: result.filter, limit: result.limit, since: result.since };
}
