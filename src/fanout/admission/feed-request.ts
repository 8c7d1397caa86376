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

/**
 * The path and query of a request target. Parses the query on access: most endpoints need only the path. A class, because V8 makes
 * a literal with a getter ten times as slowly, in memory that only a full garbage collection frees.
 */
class RequestTarget {
  readonly path: string;
  readonly #target: string;

  constructor(target: string) {
    const mark = target.indexOf('?');
    this.path = mark === -1 ? target : target.slice(0, mark);
    this.#target = target;
  }

  get query(): URLSearchParams {
    return queryOf(this.#target);
  }
}

/** Null when the target is not a path. */
export function parseTarget(target: string): RequestTarget | null {
  return target.startsWith('/') && !target.startsWith('//') ? new RequestTarget(target) : null;
}

/** Parses a feed query, or lists everything that is wrong with it. An edition that needs a key is answered like an unknown one. */
export function readFeedQuery(query: URLSearchParams, site: Site): FeedRequest | { readonly problem: Problem } {
  const result = parseFeedQuery(query, site);
  if (!result.ok) return { problem: badQuery(result.problems) };
  return { filter: result.filter, limit: result.limit, since: result.since };
}
