import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Extension, Feed, type Item } from 'feed';
import { lineOf, type PublicItem, type Tombstone } from '../../item/item.ts';
import type { Site, SiteEdition } from '../../item/site.ts';
import { parseFeedQuery } from '../../protocol/feed-query.ts';
import { itemPath, livePath } from '../pages/model.ts';
import { stringsOf } from '../strings/language.ts';
import { pageStringsOf } from '../strings/page-language.ts';
import { type Asset, createAsset, type Headers, sendAsset } from './asset.ts';
import { labelIn, publicEditions } from './document.ts';
import type { PageContext } from './news-page.ts';
import type { NewsSource } from './news-source.ts';
import type { RenderBudget } from './render-budget.ts';

type Format = 'rss' | 'atom' | 'json';

const contentTypes: Readonly<Record<Format, string>> = {
  rss: 'application/rss+xml; charset=utf-8',
  atom: 'application/atom+xml; charset=utf-8',
  json: 'application/feed+json; charset=utf-8',
};
const feedHeaders: Headers = {
  'Cache-Control': 'public, max-age=0, s-maxage=1, stale-while-revalidate=1',
  'Access-Control-Allow-Origin': '*',
};
const itemsAFeed = 50;
const feedsKept = 64;
const feedPath = /^\/feeds\/([^/]+)\.(rss|atom|json)$/;
const hostName = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/;

/** RSS 2.0, Atom and JSON Feed of an edition, through the same filters as the live feed. The ETag is the position. */
export class Syndication {
  readonly #context: PageContext;
  readonly #news: NewsSource;
  readonly #budget: RenderBudget;
  readonly #kept = new Map<string, Asset>();

  constructor(context: PageContext, news: NewsSource, budget: RenderBudget) {
    this.#context = context;
    this.#news = news;
    this.#budget = budget;
    news.onChange(() => this.#kept.clear());
  }

  /** False when the path is of another kind. */
  handle(req: IncomingMessage, res: ServerResponse, path: string, query: URLSearchParams): boolean {
    const [, id, format] = feedPath.exec(path) ?? [];
    if (id === undefined || !isFormat(format)) return false;
    const edition = publicEditions(this.#context.site).find((known) => known.id === id);
    if (!edition) return sendText(res, 404, `There is no edition ${JSON.stringify(id)}.`);
    const asked = new URLSearchParams(query);
    asked.set('edition', edition.id);
    asked.delete('limit');
    const parsed = parseFeedQuery(asked, this.#context.site);
    if (!parsed.ok) return sendText(res, 400, parsed.problems.map(({ detail }) => detail).join('\n'));
    const base = this.#context.publicUrl ?? baseOf(req);
    const key = JSON.stringify([format, base, parsed.filter]);
    let asset = this.#kept.get(key);
    if (!asset) {
      const snapshot = this.#news.snapshot(parsed.filter, itemsAFeed);
      if (!snapshot) return sendText(res, 503, 'The news cannot be read right now.', { 'Retry-After': '2' });
      const address = new URL(`${path}${query.size > 0 ? `?${query}` : ''}`, base).href;
      const made = this.#budget.render(() =>
        createAsset(
          render(format, this.#context.site, edition, snapshot.items, address),
          contentTypes[format],
          feedHeaders,
        ),
      );
      if (!made) return sendText(res, 503, 'Too many different feeds are asked for right now.', { 'Retry-After': '2' });
      asset = { ...made, etag: `W/"${snapshot.position}"` };
      if (this.#kept.size >= feedsKept) this.#kept.clear();
      this.#kept.set(key, asset);
    }
    sendAsset(req, res, asset);
    return true;
  }
}

function render(
  format: Format,
  site: Site,
  edition: SiteEdition,
  items: readonly PublicItem[],
  address: string,
): string {
  const strings = pageStringsOf(edition.language);
  const updated = items
    .map((item) => item.updatedAt)
    .sort()
    .at(-1);
  const feed = new Feed({
    title: `Flashwire · ${strings.liveTitle}`,
    description: strings.liveSummary,
    id: address,
    link: new URL(livePath(edition.id), address).href,
    feedLinks: { [format]: address },
    language: edition.language,
    updated: new Date(updated ?? 0),
    author: { name: 'Flashwire' },
    generator: 'Flashwire',
  });
  for (const item of items) feed.addItem(entryOf(format, site, edition, item, address));
  if (format === 'rss') return feed.rss2();
  return format === 'json'
    ? withLanguage(feed.json1(), edition.language)
    : withTombstones(withReadableCategories(feed.atom1()), items);
}

function entryOf(format: Format, site: Site, edition: SiteEdition, item: PublicItem, address: string): Item {
  const title = titleOf(edition, item);
  // XML formats carry HTML in titles, and in descriptions always: what a desk writes is text.
  const text = format === 'json' ? title : escapeHtml(title);
  const note = item.status === 'usable' ? item.correction?.note : undefined;
  const body = note ? `${title} — ${stringsOf(edition.language).corrected}: ${note}` : title;
  return {
    title: text,
    id: entryId(item),
    link: new URL(itemPath(item), address).href,
    description: escapeHtml(body),
    content: escapeHtml(body),
    date: new Date(item.updatedAt),
    published: new Date(item.status === 'usable' ? item.publishedAt : item.updatedAt),
    category: categoriesOf(site, edition, item),
    ...(format === 'json' && { extensions: [extensionOf(item)] }),
  };
}

/** An agency whose name runs the other way is an isolate: plain text has no markup for it. */
function titleOf(edition: SiteEdition, item: PublicItem): string {
  const strings = stringsOf(edition.language);
  if (item.status !== 'usable') return `${strings.withdrawn}: ${item.notice ?? ''}`;
  const { attribution } = item;
  const line =
    attribution && item.dir === 'rtl' ? lineOf({ ...item, attribution: `\u2068${attribution}\u2069` }) : lineOf(item);
  return item.correction?.kind === 'corrected' ? `${strings.corrected}: ${line}` : line;
}

function categoriesOf(site: Site, edition: SiteEdition, item: PublicItem) {
  if (item.status !== 'usable') return [];
  const named = [...site.sections, ...site.regions, ...site.topics];
  return [...item.sections, ...item.regions, ...item.topics].map((id) => {
    const labels = named.find((facet) => facet.id === id)?.labels;
    return { term: id, name: labels ? labelIn(labels, edition, id) : id };
  });
}

function extensionOf(item: PublicItem): Extension {
  const { version, status } = item;
  return {
    name: '_flashwire',
    objects: { version, status, ...(item.status === 'usable' && { urgency: item.urgency }) },
  };
}

/** JSON Feed 1.1 has a language; the library writes 1.0, which is the same without it. */
function withLanguage(json: string, language: string): string {
  return JSON.stringify({ ...JSON.parse(json), version: 'https://jsonfeed.org/version/1.1', language });
}

/** The library leaves `<` in an attribute as it is, and one topic with it makes the whole feed unreadable. Quotes it does escape. */
function withReadableCategories(atom: string): string {
  return atom.replace(
    /<category((?: \w+="[^"]*")+)\/>/g,
    (_all, attributes: string) => `<category${attributes.replaceAll('<', '&lt;')}/>`,
  );
}

/** RFC 6721: readers that know it drop the entry; the others show the notice that stands in its place. */
function withTombstones(atom: string, items: readonly PublicItem[]): string {
  const gone = items.filter((item): item is Tombstone => item.status !== 'usable');
  if (gone.length === 0) return atom;
  const elements = gone.map(
    (item) =>
      `<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="${escapeHtml(entryId(item))}" when="${item.updatedAt}"><at:comment>${escapeHtml(item.notice ?? '')}</at:comment></at:deleted-entry>\n`,
  );
  const end = atom.lastIndexOf('</feed>');
  return atom.slice(0, end) + elements.join('') + atom.slice(end);
}

function entryId({ id }: PublicItem): string {
  return `urn:flashwire:item:${id}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Without FLASHWIRE_PUBLIC_URL, the name that the request was sent to, and how it came to a trusted proxy. */
function baseOf(req: IncomingMessage): string {
  const { host = '' } = req.headers;
  const scheme = req.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  return `${scheme}://${hostName.test(host) ? host : 'localhost'}/`;
}

function isFormat(text: string | undefined): text is Format {
  return text === 'rss' || text === 'atom' || text === 'json';
}

function sendText(res: ServerResponse, status: number, text: string, headers: Headers = {}): true {
  res.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  res.end(`${text}\n`);
  return true;
}
