import type { IncomingMessage, ServerResponse } from 'node:http';
import { lineOf, type PublicItem, type UsableItem } from '../../../item/item.ts';
import { type SiteEdition, siteName } from '../../../item/site.ts';
import { cacheControl } from '../../../protocol/cache-control.ts';
import { itemPath } from '../../news/paths.ts';
import { createAsset, sendAsset } from '../asset.ts';
import type { Rendered, Renders } from '../common-renders.ts';
import { publicEditions } from '../document.ts';
import { type Xml, xml } from '../feeds/xml.ts';
import { filterOf, type PageContext } from '../news-page.ts';
import type { NewsSource } from '../news-source.ts';
import { sendBusy, sendText } from '../syndication.ts';

/** Google's bounds: https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap */
const mostReports = 1_000;
const oldestMs = 48 * 3_600_000;

const path = '/news-sitemap.xml';
const headers = { 'Cache-Control': cacheControl.news };

/** At the root, since a map counts for addresses below its own folder. */
export function newsSitemapPath({ id }: SiteEdition): string {
  return `${path}?edition=${encodeURIComponent(id)}`;
}

/** The reports of the last 48 hours, for search engines. Only on a site that knows its address. */
export class NewsSitemap {
  readonly #context: PageContext;
  readonly #news: NewsSource;
  readonly #common: Renders['common'];
  readonly #onError: (error: unknown, path: string) => void;

  constructor(
    context: PageContext,
    news: NewsSource,
    { common }: Renders,
    onError: (error: unknown, path: string) => void,
  ) {
    this.#context = context;
    this.#news = news;
    this.#common = common;
    this.#onError = onError;
  }

  /** False when the path is of another kind. */
  handle(request: IncomingMessage, response: ServerResponse, asked: string, query: URLSearchParams): boolean {
    const { site, publicUrl } = this.#context;
    if (asked !== path || publicUrl === undefined) return false;
    const editions = publicEditions(site);
    const id = query.get('edition') ?? editions[0]?.id ?? '';
    const edition = editions.find((one) => one.id === id);
    if (!edition) return sendText(response, 404, `There is no edition ${JSON.stringify(id.slice(0, 64))}.`);
    void this.#common
      .get(`${path} ${edition.id}`, () => this.#render(edition, publicUrl))
      .catch((error: unknown) => this.#onError(error, path))
      .then((rendered) =>
        rendered
          ? sendAsset(request, response, rendered.asset)
          : sendBusy(response, 'The news cannot be read right now.'),
      );
    return true;
  }

  #render(edition: SiteEdition, publicUrl: string): Rendered | null {
    const snapshot = this.#news.snapshot(filterOf({ edition }), mostReports);
    if (!snapshot) return null;
    const items = snapshot.items.filter(isRecent(Date.now()));
    const text = mapOf(items, siteName(this.#context.site, edition.language), edition, publicUrl);
    const leaves = items.map(({ publishedAt }) => Date.parse(publishedAt) + oldestMs);
    const asset = createAsset(text, 'application/xml; charset=utf-8', headers);
    return { status: 200, asset, until: Math.min(...leaves) };
  }
}

function isRecent(now: number) {
  return (item: PublicItem): item is UsableItem =>
    item.status === 'usable' && Date.parse(item.publishedAt) > now - oldestMs;
}

function mapOf(items: readonly UsableItem[], name: string, edition: SiteEdition, publicUrl: string): string {
  return xml`<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
${items.map((item) => entryOf(item, name, languageOf(edition), publicUrl))}</urlset>
`.text;
}

function entryOf(item: UsableItem, name: string, language: string, publicUrl: string): Xml {
  return xml`<url><loc>${new URL(itemPath(item), publicUrl).href}</loc><lastmod>${item.updatedAt}</lastmod><news:news><news:publication><news:name>${name}</news:name><news:language>${language}</news:language></news:publication><news:publication_date>${item.publishedAt}</news:publication_date><news:title>${lineOf(item)}</news:title></news:news></url>
`;
}

/** Google knows languages without their region, but for the two scripts of Chinese. */
function languageOf({ language }: SiteEdition): string {
  const { language: name, script } = new Intl.Locale(language).maximize();
  if (name !== 'zh') return name;
  return script === 'Hant' ? 'zh-tw' : 'zh-cn';
}
