import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PublicItem } from '../../item/item.ts';
import type { SiteEdition } from '../../item/site.ts';
import { cacheControl } from '../../protocol/cache-control.ts';
import { type Asset, createAsset, type Headers, sendAsset } from './asset.ts';
import type { AssetCache } from './asset-cache.ts';
import type { CommonRenders, Rendered, Renders } from './common-renders.ts';
import { publicEditions } from './document.ts';
import { messagePage } from './message-page.ts';
import { filterOf, itemPage, listPage, type NewsPart, type PageContext, type Subject, subjectOf } from './news-page.ts';
import type { NewsSource } from './news-source.ts';
import { readerPolicy } from './policy.ts';
import type { RenderBudget } from './render-budget.ts';

const itemsAPage = 20;
/** Twice as many as a page shows: another takes the place of a withdrawn one. */
const keys = 10;
/**
 * The most parts of an address that are read: one more than any page has. A part that is not UTF-8 costs 10 µs, and 7 kB
 * hold 2,000.
 */
const partsRead = 5;
const html = 'text/html; charset=utf-8';

/** A page without an edition is in the edition that its address names. */
type Page = Rendered | { readonly status: 404 | 503; readonly edition: SiteEdition | null };

/**
 * Live, section, region, topic and item pages. Common pages (lists of configured facets, and the newest items of each
 * edition) are rendered once between two entries and never refused. Others have a budget.
 */
export class NewsPages {
  readonly #context: PageContext;
  readonly #news: NewsSource;
  readonly #common: CommonRenders;
  readonly #budget: RenderBudget;
  readonly #onError: (error: unknown, path: string) => void;
  readonly #editions: readonly SiteEdition[];
  readonly #newsHeaders: Headers;
  /** Headers of a page that is busy: no cache keeps it. A page that says that an item is gone is cached like any other. */
  readonly #busyHeaders: Headers;
  readonly #cache: AssetCache;
  readonly #messages = new Map<string, Asset>();

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
    this.#editions = publicEditions(context.site);
    const policy = readerPolicy(context);
    this.#newsHeaders = { ...policy, 'Cache-Control': cacheControl.news };
    this.#busyHeaders = { ...policy, 'Cache-Control': 'no-store', 'Retry-After': '2' };
  }

  /** False when the path is of another kind. */
  handle(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): boolean {
    const [, kind = '', first = '', second, ...rest] = path.split('/', partsRead).map(decode);
    const isNews = ['live', 'section', 'region', 'topic', 'item'].includes(kind);
    if (!isNews || this.#editions.length === 0) return false;
    const client = this.#news.clientOf?.(request) ?? '';
    const page = rest.length > 0 || first === '' ? this.#missing() : this.#page(kind, first, second, query, client);
    void page
      .catch((error: unknown) => {
        this.#onError(error, path);
        return { status: 503, edition: this.#editionOf(first) } as const;
      })
      .then((answer) => this.#send(request, response, answer));
    return true;
  }

  /** For an address that nothing else answers. False for the API, whose clients read no pages. */
  answerMissing(request: IncomingMessage, response: ServerResponse): boolean {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || request.url?.startsWith('/v1/') || this.#editions.length === 0) return false;
    this.#send(request, response, { status: 404, edition: null });
    return true;
  }

  async #page(
    kind: string,
    first: string,
    second: string | undefined,
    query: URLSearchParams,
    client: string,
  ): Promise<Page> {
    const before = beforeOf(query);
    const isFlashesOnly = query.get('urgency') === 'flash';
    if (kind === 'item') return second === undefined ? this.#itemPage(first, client) : this.#missing();
    const edition = this.#editions.find(({ id }) => id === first);
    if (!edition) return this.#missing();
    if (kind === 'live')
      return second === undefined ? this.#listPage({ edition, isFlashesOnly }, before, client) : this.#missing(edition);
    if (kind !== 'section' && kind !== 'region' && kind !== 'topic') return this.#missing(edition);
    const subject = second ? subjectOf(this.#context.site, edition, kind, second) : null;
    return subject ? this.#listPage({ ...subject, isFlashesOnly }, before, client) : this.#missing(edition);
  }

  async #listPage(subject: Subject, before: number | null, client: string): Promise<Page> {
    const key = JSON.stringify(['page', filterOf(subject)]);
    const busy = { status: 503, edition: subject.edition } as const;
    const render = (part: NewsPart) =>
      this.#rendered(
        200,
        listPage(this.#context, subject, part, before, (other) => this.#isThere(subject, other)),
      );
    if (before === null && subject.facet?.isConfigured !== false) {
      const common = await this.#common.get(key, () => {
        const part = this.#newest(subject);
        return part && render(part);
      });
      return common ?? busy;
    }
    const cached = before === null && this.#cache.get(key);
    if (cached) return { status: 200, asset: cached };
    const part = before === null ? this.#newest(subject) : await this.#older(subject, before, client);
    if (!part) return busy;
    // Of a story without a flash there is the page, but not of any other word.
    const isKnown = part.items.length > 0 || (subject.isFlashesOnly && this.#isThere(subject, subject.edition));
    if (subject.facet?.isConfigured === false && !isKnown) return this.#missing(subject.edition);
    const page = this.#budget.render(() => render(part), client);
    if (page && before === null) this.#cache.set(key, page.asset);
    return page ?? busy;
  }

  /** Whether another edition has the same section, region or topic. */
  #isThere({ facet }: Subject, edition: SiteEdition): boolean {
    if (facet?.isConfigured !== false) return true;
    return (this.#news.snapshot(filterOf({ edition, facet }), 1)?.items.length ?? 0) > 0;
  }

  #newest(subject: Subject): NewsPart | null {
    const snapshot = this.#news.snapshot(filterOf(subject), itemsAPage);
    if (!snapshot) return null;
    const key = subject.isFlashesOnly ? [] : (this.#news.snapshot(filterOf(subject, ['flash']), keys)?.items ?? []);
    const { items, more, position } = snapshot;
    return { items, next: more ? (items.at(-1)?.place ?? null) : null, key, position };
  }

  async #older(subject: Subject, before: number, client: string): Promise<NewsPart | null> {
    const newest = this.#newest(subject);
    const page = newest && (await this.#news.history(filterOf(subject), before, itemsAPage, client));
    return page && { ...newest, items: page.items, next: page.next };
  }

  async #itemPage(id: string, client: string): Promise<Page> {
    // Positions first: a change during the read arrives again as a frame.
    const positions = this.#editions.map((edition) => this.#news.snapshot(filterOf({ edition }), 1)?.position ?? null);
    const item = /^[A-Za-z0-9_-]{1,64}$/.test(id) ? await this.#news.item(id, client) : null;
    if (item === 'busy') return { status: 503, edition: this.#editionOf('') };
    const index = this.#editions.findIndex((one) => one.id === item?.edition);
    const edition = this.#editions[index];
    if (!item || !edition) return this.#missing();
    const common =
      this.#newestItem(edition, id) &&
      (await this.#common.get(`item ${id}`, () => {
        const newest = this.#newestItem(edition, id);
        return newest && this.#itemRendered(edition, newest.item, newest.position);
      }));
    const render = () => this.#itemRendered(edition, item, positions[index] ?? null);
    return common ?? this.#budget.render(render, client) ?? { status: 503, edition };
  }

  /** Null when it is not among the newest items. */
  #newestItem(edition: SiteEdition, id: string): { readonly item: PublicItem; readonly position: string } | null {
    const { items, position } = this.#news.snapshot(filterOf({ edition }), itemsAPage) ?? { items: [], position: '' };
    const item = items.find((one) => one.id === id);
    return item ? { item, position } : null;
  }

  #itemRendered(edition: SiteEdition, item: PublicItem, position: string | null): Rendered {
    return this.#rendered(item.status === 'usable' ? 200 : 410, itemPage(this.#context, edition, item, position));
  }

  #rendered(status: Rendered['status'], text: string): Rendered {
    return { status, asset: createAsset(text, html, this.#newsHeaders) };
  }

  async #missing(edition: SiteEdition | null = null): Promise<Page> {
    return { status: 404, edition };
  }

  #editionOf(id: string): SiteEdition {
    const edition = this.#editions.find((one) => one.id === id) ?? this.#editions[0];
    if (!edition) throw new TypeError('the site has no public edition');
    return edition;
  }

  /** The edition that a part of an unknown address names, else the first one. */
  #editionIn(address: string): SiteEdition {
    const parts = address.slice(0, 500).split(/[/?=&]/);
    return this.#editionOf(parts.find((part) => this.#editions.some(({ id }) => id === part)) ?? '');
  }

  /**
   * Rendered once, since clients that guess addresses get this page, and all clients do while there is too much to render.
   */
  #message(edition: SiteEdition, status: 404 | 503): Asset {
    const key = `${status} ${edition.id}`;
    const cached = this.#messages.get(key);
    if (cached) return cached;
    const text = messagePage(this.#context, edition, status === 404 ? 'notFound' : 'unavailable');
    const message = createAsset(text, html, status === 503 ? this.#busyHeaders : this.#newsHeaders);
    this.#messages.set(key, message);
    return message;
  }

  #send(request: IncomingMessage, response: ServerResponse, page: Page): void {
    if (response.headersSent || response.destroyed) return;
    if ('asset' in page) sendAsset(request, response, page.asset, page.status);
    else {
      const edition = page.edition ?? this.#editionIn(request.url ?? '');
      sendAsset(request, response, this.#message(edition, page.status), page.status);
    }
  }
}

function beforeOf(query: URLSearchParams): number | null {
  const text = query.get('before') ?? '';
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
