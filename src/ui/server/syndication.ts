import type { IncomingMessage, ServerResponse } from 'node:http';
import { wireTime } from '../../item/item.ts';
import { cacheControl } from '../../protocol/cache-control.ts';
import { parseFeedQuery } from '../../protocol/feed-query.ts';
import { type Filter, filterKey } from '../../protocol/filter.ts';
import { type Asset, createAsset, type Headers, type LastModified, sendAsset } from './asset.ts';
import type { AssetCache } from './asset-cache.ts';
import type { CommonRenders, Renders } from './common-renders.ts';
import { publicEditions } from './document.ts';
import { atomFeed } from './feeds/atom.ts';
import { type FeedDocument, feedDocument } from './feeds/document.ts';
import { jsonFeed } from './feeds/json-feed.ts';
import { rssFeed } from './feeds/rss.ts';
import type { PageContext } from './news-page.ts';
import type { NewsSnapshot, NewsSource } from './news-source.ts';
import type { RenderBudget } from './render-budget.ts';

type Format = 'rss' | 'atom' | 'json';

const writers: Readonly<Record<Format, (feed: FeedDocument) => string>> = {
  rss: rssFeed,
  atom: atomFeed,
  json: jsonFeed,
};
const contentTypes: Readonly<Record<Format, string>> = {
  rss: 'application/rss+xml; charset=utf-8',
  atom: 'application/atom+xml; charset=utf-8',
  json: 'application/feed+json; charset=utf-8',
};
const feedHeaders: Headers = {
  'Cache-Control': cacheControl.news,
  'Access-Control-Allow-Origin': '*',
};
const itemsAFeed = 50;
/** Placeholder for the address of a site that does not know its own. It is replaced when the feed is sent. */
const noName = 'http://name-of-the-site.invalid/';
const unread = 'The news cannot be read right now.';
const feedPath = /^\/feeds\/([^/]+)\.(rss|atom|json)$/;
const hostName = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/;

/** RSS 2.0, Atom and JSON Feed of an edition, through the same filters as the live feed. The ETag is the position. */
export class Syndication {
  readonly #context: PageContext;
  readonly #news: NewsSource;
  readonly #common: CommonRenders;
  readonly #budget: RenderBudget;
  readonly #onError: (error: unknown, path: string) => void;
  readonly #cache: AssetCache;
  /**
   * The newest time in each edition's feeds, ms. It never goes back, whatever happens to the log. Before the first entry it
   * is the start of the process.
   */
  readonly #newest = new Map<string, number>();
  readonly #startedAt = Date.now();

  constructor(
    context: PageContext,
    news: NewsSource,
    { common, budget, cache }: Renders,
    onError: (error: unknown, path: string) => void,
  ) {
    this.#context = context;
    this.#news = news;
    this.#common = common;
    this.#budget = budget;
    this.#cache = cache;
    this.#onError = onError;
  }

  /** False when the path is of another kind. */
  handle(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): boolean {
    const [, id, format] = feedPath.exec(path) ?? [];
    if (id === undefined || !isFormat(format)) return false;
    const edition = publicEditions(this.#context.site).find((one) => one.id === id);
    if (!edition) return sendText(response, 404, `There is no edition ${JSON.stringify(id.slice(0, 64))}.`);
    const feedQuery = new URLSearchParams(query);
    feedQuery.set('edition', edition.id);
    feedQuery.delete('limit');
    const parsed = parseFeedQuery(feedQuery, this.#context.site);
    if (!parsed.ok) return sendText(response, 400, parsed.problems.map(({ detail }) => detail).join('\n'));
    const { publicUrl } = this.#context;
    const send = (asset: Asset) =>
      sendAsset(request, response, publicUrl === undefined ? named(asset, baseOf(request)) : asset);
    // The feed's address contains the filter only, because the feed is cached for all clients.
    const address = new URL(addressOf(path, parsed.filter), publicUrl ?? noName).href;
    const key = JSON.stringify([format, filterKey(parsed.filter)]);
    const make = (): Asset | null => {
      const snapshot = this.#news.snapshot(parsed.filter, itemsAFeed);
      if (!snapshot) return null;
      const lastModified = this.#lastModified(edition.id, snapshot);
      const news = { ...snapshot, updated: wireTime(lastModified.at) };
      const feed = feedDocument({ site: this.#context.site, edition, address }, news);
      const rendered = createAsset(writers[format](feed), contentTypes[format], feedHeaders);
      return { ...rendered, etag: `W/"${snapshot.position}"`, lastModified };
    };
    if (isWhole(parsed.filter)) {
      void this.#common
        .get(key, () => {
          const asset = make();
          return asset && { status: 200, asset };
        })
        .catch((error: unknown) => this.#onError(error, path))
        .then((rendered) => (rendered ? send(rendered.asset) : sendBusy(response, unread)));
      return true;
    }
    let asset = this.#cache.get(key);
    if (!asset) {
      if (!this.#news.snapshot(parsed.filter, 1)) return sendBusy(response, unread);
      const rendered = this.#budget.render(make, this.#news.clientOf?.(request) ?? '');
      if (!rendered) return sendBusy(response, 'Too many different feeds are requested right now.');
      asset = rendered;
      this.#cache.set(key, asset);
    }
    send(asset);
    return true;
  }

  #lastModified(edition: string, { changed: { at, before } }: NewsSnapshot): LastModified {
    const previous = this.#newest.get(edition) ?? (at === 0 ? this.#startedAt : 0);
    const newest = Math.max(previous, at);
    this.#newest.set(edition, newest);
    return { at: newest, isAloneInItsSecond: newest <= at && secondOf(before) < secondOf(at) };
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

/** Equal for equal filters: sorted, without duplicates. */
function addressOf(path: string, { sections, regions, topics, urgencies }: Filter): string {
  const values = { section: sections, region: regions, topic: topics, urgency: urgencies };
  const query = new URLSearchParams(
    Object.entries(values).flatMap(([name, of]) => [...new Set(of)].sort().map((value) => [name, value])),
  );
  return query.size > 0 ? `${path}?${query}` : path;
}

/**
 * Inserts the requested host name: the feed is rendered once, however many names clients invent. Not compressed, which
 * would cost a millisecond.
 */
function named({ zipped, ...asset }: Asset, base: string): Asset {
  return { ...asset, body: Buffer.from(asset.body.toString().replaceAll(noName, base)) };
}

/** The address of the site without FLASHWIRE_PUBLIC_URL: the requested host, and the scheme that a trusted proxy reports. */
export function baseOf(request: IncomingMessage): string {
  const { host = '' } = request.headers;
  const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const base = `${scheme}://${host}/`;
  return hostName.test(host) && URL.canParse(base) ? new URL(base).href : `${scheme}://localhost/`;
}

function isFormat(text: string | undefined): text is Format {
  return text === 'rss' || text === 'atom' || text === 'json';
}

function isWhole({ sections, regions, topics, urgencies }: Filter): boolean {
  return sections.length + regions.length + topics.length + urgencies.length === 0;
}

export function sendBusy(response: ServerResponse, text: string): true {
  return response.headersSent || sendText(response, 503, text, { 'Retry-After': '2' });
}

export function sendText(response: ServerResponse, status: number, text: string, headers: Headers = {}): true {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Access-Control-Allow-Origin': '*',
    ...headers,
  });
  response.end(`${text}\n`);
  return true;
}
