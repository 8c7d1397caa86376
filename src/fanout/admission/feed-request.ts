import type { Site } from '../../item/site.ts';
import { parseFeedQuery } from '../../protocol/feed-query.ts';
import { type Filter, filterKey } from '../../protocol/filter.ts';
import { queryOf } from '../../protocol/query.ts';
import { LruMap } from '../edition/lru-map.ts';
import { isPlain } from './plain-filter.ts';
import { badQuery, type Problem } from './problem.ts';

/** A valid feed query. */
export interface FeedRequest {
  readonly filter: Filter;
  readonly limit: number;
  readonly since: string | null;
  readonly hasLongBeat: boolean;
}

/** A valid feed query without its position, with what follows from its filter. */
interface KnownQuery extends FeedRequest {
  readonly key: string;
  readonly isPlain: boolean;
}

/** A valid query of a client that wants to follow a feed. */
export interface FollowRequest {
  /** The same object for all requests that differ only in their position. */
  readonly query: KnownQuery;
  readonly since: string | null;
}

/**
 * The path and query of a request target. Parses the query on access: most endpoints need only the path. A class, because V8 makes
 * a literal with a getter ten times as slowly, in memory that only a full garbage collection frees.
 */
class RequestTarget {
  readonly path: string;
  /** The query as text. */
  readonly search: string;

  constructor(target: string) {
    const mark = target.indexOf('?');
    this.path = mark === -1 ? target : target.slice(0, mark);
    this.search = mark === -1 ? '' : target.slice(mark + 1);
  }

  get query(): URLSearchParams {
    return queryOf(`?${this.search}`);
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
  const { filter, limit, since, hasLongBeat } = result;
  return { filter, limit, since, hasLongBeat };
}

const queriesKept = 512;
const longestKept = 512;

/**
 * Reads the queries of clients that join. Thousands of them ask for the same feed, each from its own position, so a query without
 * its position is parsed once: that took an eighth of a join.
 */
export class FollowRequests {
  readonly #site: Site;
  readonly #known = new LruMap<KnownQuery>(queriesKept);

  constructor(site: Site) {
    this.#site = site;
  }

  /** `search`: the query as text. `since`: a position that takes precedence over the query's. */
  read(search: string, since?: string): FollowRequest | { readonly problem: Problem } {
    const found = /(?:^|&)since=[^&]*/.exec(search);
    const rest = found ? search.slice(0, found.index) + search.slice(found.index + found[0].length) : search;
    const query = this.#known.get(rest) ?? this.#parse(rest);
    if ('problem' in query) return query;
    const own = found ? new URLSearchParams(found[0]).get('since') : query.since;
    return { query, since: since ?? own };
  }

  #parse(rest: string): KnownQuery | { readonly problem: Problem } {
    const request = readFeedQuery(queryOf(`?${rest}`), this.#site);
    if ('problem' in request) return request;
    const { filter } = request;
    const query = { ...request, key: filterKey(filter), isPlain: isPlain(filter, this.#site) };
    if (rest.length <= longestKept) this.#known.set(rest, query);
    return query;
  }
}
