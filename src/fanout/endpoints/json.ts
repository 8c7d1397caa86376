import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Site } from '../../item/site.ts';
import { cacheControl } from '../../protocol/cache-control.ts';
import { type ConnectionTerms, encodeSnapshot } from '../../protocol/encode.ts';
import { filterKey } from '../../protocol/filter.ts';
import type { Origins } from '../../protocol/origins.ts';
import { formatPosition } from '../../protocol/position.ts';
import { type FeedRequest, parseTarget, readFeedQuery } from '../admission/feed-request.ts';
import { badQuery, type Problem, problems } from '../admission/problem.ts';
import type { Edition, ItemTexts } from '../edition/edition.ts';
import type { Reads } from '../edition/reads.ts';
import type { Replica } from '../edition/replica.ts';
import { budgetBytes } from '../feed/budgets.ts';
import { ByteBudget, ByteCache } from '../feed/byte-cache.ts';
import { readHistory, readItem } from './json-items.ts';
import { type JsonReply, sendJson, sendPreflight, sendProblem } from './json-reply.ts';

export interface JsonEndpointDeps extends Reads {
  readonly site: Site;
  readonly texts: ItemTexts;
  readonly origins: Origins;
  readonly logger: Pick<Logger, 'warn'>;
  /** The client that a request counts for. */
  clientOf(request: IncomingMessage): string;
  edition(id: string): Edition | undefined;
  terms(isStale: boolean): ConnectionTerms;
}

const headsPath = '/v1/log/head';
const itemPath = /^\/v1\/feed\/items\/([A-Za-z0-9_-]{1,64})$/;

/** Single answers: a snapshot, older items, one item, the heads. Opens no feed and makes no reader. */
export class JsonEndpoint {
  readonly #deps: JsonEndpointDeps;
  readonly #snapshots = new ByteCache<string, { readonly bytes: Buffer }>(new ByteBudget(budgetBytes.json));
  #terms: ConnectionTerms | null = null;

  constructor(deps: JsonEndpointDeps) {
    this.#deps = deps;
  }

  /** False when the path belongs to another endpoint. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const target = parseTarget(request.url ?? '');
    if (!target || !isOurs(target.path)) return false;
    const { origins } = this.#deps;
    if (request.method === 'OPTIONS') sendPreflight(request, response, origins);
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      sendProblem(request, response, origins, problems.method);
    else void this.#answer(request, response, target.path, target.query);
    return true;
  }

  /** Drops cached answers, so that no retracted text stays in memory. */
  forget(): void {
    this.#snapshots.clear();
    this.#deps.history.forget();
    this.#deps.items.forget();
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ): Promise<void> {
    const { origins, logger } = this.#deps;
    let reply: JsonReply | { readonly problem: Problem };
    try {
      reply = await this.#reply(path, query, this.#deps.clientOf(request));
    } catch (error) {
      logger.warn({ err: error, path }, 'log not read');
      reply = { problem: problems.unavailable };
    }
    if (response.headersSent || response.destroyed) return;
    if ('problem' in reply) sendProblem(request, response, origins, reply.problem);
    else sendJson(request, response, origins, reply);
  }

  #reply(path: string, query: URLSearchParams, client: string): Promise<JsonReply | { readonly problem: Problem }> {
    const itemId = itemPath.exec(path)?.[1];
    if (itemId !== undefined) return readItem(this.#deps, itemId, query, client);
    if (path === '/v1/feed/history') return readHistory(this.#deps, query, client);
    if (path === headsPath) return Promise.resolve(this.#heads(query.get('edition')));
    return Promise.resolve(this.#snapshot(path, query));
  }

  /** The heads of all logs, or of one edition's, with their hashes. */
  #heads(editionId: string | null): JsonReply | { readonly problem: Problem } {
    const { site, edition } = this.#deps;
    const open = site.editions.filter(
      ({ id, access }) => access === 'public' && (editionId === null || id === editionId),
    );
    if (open.length === 0)
      return {
        problem: badQuery([
          { parameter: 'edition', detail: `edition: there is no ${JSON.stringify(editionId?.slice(0, 64))}.` },
        ]),
      };
    const heads = open.flatMap(({ id }) => {
      const replica = edition(id)?.replica;
      return replica
        ? [[id, { epoch: replica.epoch, seq: replica.head, hash: replica.hashAt(replica.head) }] as const]
        : [];
    });
    if (heads.length < open.length) return { problem: problems.unavailable };
    return { status: 200, body: Buffer.from(JSON.stringify({ editions: Object.fromEntries(heads) })) };
  }

  #snapshot(path: string, query: URLSearchParams): JsonReply | { readonly problem: Problem } {
    const isPlain = path === '/v1/feed';
    const request = readFeedQuery(query, this.#deps.site);
    if ('problem' in request) return request;
    const edition = this.#deps.edition(request.filter.edition);
    if (!edition?.replica) return { problem: problems.unavailable };
    const { replica, isStale } = edition;
    const position = formatPosition(replica.positionAt(replica.head));
    const key = `${filterKey(request.filter)} ${request.limit} ${position} ${isStale}`;
    const body = this.#body(key, replica, isStale, request);
    const etag = `W/"${position}${isStale ? ':stale' : ''}"`;
    if (isPlain) return { status: 200, body, etag, vary: ['Accept', 'Origin'] };
    return { status: 200, body, etag, cacheControl: cacheControl.news };
  }

  #body(key: string, replica: Replica, isStale: boolean, request: FeedRequest): Buffer {
    const terms = this.#deps.terms(isStale);
    if (terms !== this.#terms) this.#snapshots.clear();
    this.#terms = terms;
    const cached = this.#snapshots.get(key);
    if (cached) return cached.bytes;
    const { items, more } = replica.snapshot(request.filter, request.limit);
    const texts = items.map((item) => this.#deps.texts.of(item, request.filter.fields));
    const json = encodeSnapshot({ ...replica.positionAt(replica.head), more, reason: 'start' }, texts, terms);
    return this.#snapshots.set(key, { bytes: Buffer.from(json) }).bytes;
  }
}

function isOurs(path: string): boolean {
  return (
    path === headsPath ||
    path === '/v1/feed' ||
    path === '/v1/feed.json' ||
    path === '/v1/feed/history' ||
    itemPath.test(path)
  );
}
