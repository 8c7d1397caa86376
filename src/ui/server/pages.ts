import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pairOn } from '../../item/contrast.ts';
import { type Source, seededSources } from '../../item/line/source.ts';
import { withoutMore } from '../../item/more.ts';
import {
  readersSite,
  type Site,
  type SiteEdition,
  siteName,
  usualFlashMinutes,
  usualMaxAgeHours,
} from '../../item/site.ts';
import { cacheControl } from '../../protocol/cache-control.ts';
import { parseOrigins } from '../../protocol/origins.ts';
import { queryOf } from '../../protocol/query.ts';
import type { PinnedScript } from '../embed/snippet.ts';
import { languageOf, languageTags, stringsOf } from '../strings/strings.ts';
import { articlePage } from './article-page.ts';
import { type Asset, createAsset, type Headers, sendAsset } from './asset.ts';
import { AssetCache } from './asset-cache.ts';
import { CommonRenders } from './common-renders.ts';
import { publicEditions } from './document.ts';
import { embedPage } from './embed/embed-page.ts';
import { framePage, framePath } from './embed/frame-page.ts';
import { handleOEmbed } from './embed/oembed.ts';
import { examplePictures, examplesOf } from './examples/examples.ts';
import { frontPage } from './front-page.ts';
import { filterOf, type PageContext } from './news-page.ts';
import { NewsPages } from './news-pages.ts';
import type { NewsSource } from './news-source.ts';
import { readerPolicy } from './policy.ts';
import { RenderBudget } from './render-budget.ts';
import { sheetOf } from './site/colors.ts';
import { NewsSitemap } from './site/news-sitemap.ts';
import { type Pictures, pictureAsset } from './site/picture.ts';
import { manifestOf, siteFiles } from './site/site-files.ts';
import { redirectSlash } from './slash-redirect.ts';
import { Syndication } from './syndication.ts';

interface PagesOptions {
  /** What scripts/build-browser.mjs has built. */
  readonly publicDir: string;
  readonly site: Site;
  /** The files of its pictures. */
  readonly pictures?: Pictures;
  readonly news: NewsSource;
  readonly publicUrl?: string | undefined;
  /** Whose pages may show the ticker in an iframe (FLASHWIRE_ALLOWED_ORIGINS); default: all. */
  readonly allowedOrigins?: string;
  /** The known sources of an edition; those of the site if left out. */
  sourcesOf?(edition: string): readonly Source[];
  /** The URL to report a vulnerability to; without it there is no security.txt. */
  readonly securityContact?: string | undefined;
  /**
   * Reports that a page could not be rendered, because the log is unreachable or because of a bug. The client received 503.
   */
  onError(error: unknown, path: string): void;
}

export interface Pages {
  /** False when the path is not one of these pages. Then nothing has been sent. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
}

interface ReaderPages extends Pages {
  /** Answers an address that no other handler answers, with a page. False for an address of the API. */
  answerMissing(request: IncomingMessage, response: ServerResponse): boolean;
}

const html = 'text/html; charset=utf-8';
const javascript = 'text/javascript; charset=utf-8';
const shortCache: Headers = { 'Cache-Control': cacheControl.page };
/** Other sites load these: a module script needs CORS, and they may sit behind a resource policy of their own. */
const toAnyone: Headers = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };
const versioned: Headers = { 'Cache-Control': cacheControl.versioned };
const newsCache: Headers = { 'Cache-Control': cacheControl.news };
/** The first part of the address of every page but the front page. */
const pageKinds = new Set(['live', 'section', 'region', 'topic', 'item', 'article', 'embed', 'feeds']);
const manifestPath = '/manifest.webmanifest';
/** More than the page shows, so that a retracted item leaves no empty place. */
const frontItems = 10;
/** As many as a ticker shows. */
const tickerLines = 10;

/**
 * Serves everything public except the feed: pages, scripts, syndication. Scripts are read and compressed once. Throws when
 * one is missing.
 */
export function createPages({
  publicDir,
  news,
  publicUrl,
  securityContact,
  onError,
  ...options
}: PagesOptions): ReaderPages {
  const site = readersSite(options.site);
  const sourcesOf = options.sourcesOf ?? ((edition: string) => seededSources(site.sources, edition));
  const origins = parseOrigins(options.allowedOrigins ?? '*');
  const context: PageContext = { site, publicUrl, origins, sourcesOf, tickerStart: startsFrom(news) };
  const editions = publicEditions(site);
  const policy = readerPolicy(context);
  const pictures: Pictures = options.pictures ?? new Map();
  const files = readFiles(publicDir, site);
  const fixed = new Map<string, Asset>([
    ...files,
    ...editions.map((edition): [string, Asset] => [framePath(edition), framePage(context, edition)]),
    ...siteFiles(site, pictures, publicUrl),
    ...[...pictures].map(([path, picture]): [string, Asset] => [path, pictureAsset(picture)]),
    ...(securityContact === undefined ? [] : [securityText(securityContact)]),
  ]);
  const renders = {
    common: new CommonRenders((listener) => news.onChange(listener)),
    budget: new RenderBudget(),
    cache: new AssetCache(),
  };
  news.onChange(() => renders.cache.clear());
  const newsPages = new NewsPages(context, news, renders, onError);
  const syndication = new Syndication(context, news, renders, onError);
  const newsSitemap = new NewsSitemap(context, news, renders, onError);
  const embeds = new Map(
    editions.map((edition) => [
      edition.id,
      createAsset(embedPage(context, edition, readManifest(publicDir)), html, {
        ...policy,
        ...shortCache,
      }),
    ]),
  );
  const manifests = new Map(editions.map((edition) => [edition.id, manifestOf(site, edition, pictures)]));
  const withLines = pagesWithLines(context, news);

  return {
    handleRequest(request, response) {
      if (redirectSlash(request, response, pageKinds)) return true;
      const [path = ''] = (request.url ?? '').split('?', 1);
      const query = queryOf(request.url ?? '');
      const edition = editions.find(({ id }) => id === query.get('edition')) ?? editions[0];
      const ofEdition = path === '/embed' ? embeds : path === manifestPath ? manifests : undefined;
      const asset = ofEdition
        ? ofEdition.get(edition?.id ?? '')
        : (fixed.get(knownPath(path)) ?? withLines(path, edition));
      if (asset) sendAsset(request, response, asset);
      const isOEmbed = path === '/oembed' && origins.isOpen;
      if (isOEmbed) handleOEmbed(context, news, request, response, query);
      return (
        asset !== undefined ||
        isOEmbed ||
        syndication.handle(request, response, path, query) ||
        newsSitemap.handle(request, response, path, query) ||
        newsPages.handle(request, response, path, query)
      );
    },
    answerMissing: (request, response) => newsPages.answerMissing(request, response),
  };
}

/** The newest lines of an edition, as its ticker has them at first: in the form of the frames that follow. */
function startsFrom(news: NewsSource): NonNullable<PageContext['tickerStart']> {
  return (edition) => {
    const newest = news.snapshot(filterOf({ edition }), tickerLines);
    return newest && { position: newest.position, items: newest.items.map(withoutMore) };
  };
}

/** The front pages and the articles. They have lines of news, so each is rendered again after an entry, when it is asked for. */
function pagesWithLines(context: PageContext, news: NewsSource) {
  const articles = new Map(articlesOf(context));
  const assets = new Map<unknown, Asset>();
  news.onChange(() => assets.clear());
  return (path: string, edition: SiteEdition | undefined): Asset | undefined => {
    const isFront = path === '/' && edition !== undefined;
    const render = isFront ? () => frontText(context, edition, news) : articles.get(path);
    if (!render) return undefined;
    const key = isFront ? edition : path;
    const asset = assets.get(key) ?? createAsset(render(), html, { ...readerPolicy(context), ...newsCache });
    assets.set(key, asset);
    return asset;
  };
}

/** `/strings/es.json` for `/strings/es-MX.json`. */
function knownPath(path: string): string {
  const tag = /^\/strings\/([\w-]+)\.json$/.exec(path)?.[1];
  return tag === undefined ? path : `/strings/${languageOf('ticker', tag)}.json`;
}

function frontText(context: PageContext, edition: SiteEdition, news: NewsSource): string {
  const part = news.snapshot(filterOf({ edition }), frontItems);
  const next = part?.more ? (part.items.at(-1)?.place ?? null) : null;
  return frontPage(context, edition, part && { ...part, next, key: [] });
}

const yearMs = 364 * 86_400_000;

/** RFC 9116. Valid for a year from the start of this process. */
function securityText(contact: string): [string, Asset] {
  const text = `Contact: ${contact}\nExpires: ${new Date(Date.now() + yearMs).toISOString()}\n`;
  return ['/.well-known/security.txt', createAsset(text, 'text/plain; charset=utf-8', shortCache)];
}

/** The released script of the ticker, as the build reports it. */
export interface ScriptManifest extends PinnedScript {
  readonly version: string;
  readonly list: PinnedScript;
}

function readManifest(publicDir: string): ScriptManifest {
  return JSON.parse(readFileSync(join(publicDir, 'scripts.json'), 'utf8'));
}

function readFiles(publicDir: string, site: Site): [string, Asset][] {
  const file = (name: string, type: string, headers: Headers): [string, Asset] => [
    `/${name}`,
    createAsset(readFileSync(join(publicDir, name)), type, headers),
  ];
  const sheet = (name: string): [string, Asset] => [
    `/${name}`,
    createAsset(sheetOf(site, publicDir, name), 'text/css; charset=utf-8', shortCache),
  ];
  const json = (path: string, value: unknown): [string, Asset] => [
    path,
    createAsset(JSON.stringify(value), 'application/json', { ...toAnyone, ...shortCache }),
  ];
  return [
    file('ticker.js', javascript, { ...toAnyone, ...shortCache }),
    file('ticker-list.js', javascript, { ...toAnyone, ...shortCache }),
    file('sdk.js', javascript, { ...toAnyone, ...shortCache }),
    file('pages.ticker.js', javascript, shortCache),
    ...readdirSync(publicDir)
      .filter((name) => /^ticker-.*\d\.js$/.test(name))
      .map((name) => file(name, javascript, { ...toAnyone, ...versioned })),
    file('embed.frame.js', javascript, { ...toAnyone, ...shortCache }),
    sheet('embed.frame.css'),
    file('pages.js', javascript, shortCache),
    file('embed.js', javascript, shortCache),
    // The ticker of previews, which the desk has too.
    ['/embed.ticker.js', createAsset(readFileSync(join(publicDir, 'desk.ticker.js')), javascript, shortCache)],
    sheet('pages.css'),
    ...examplePictures(site).map((name) => file(`examples/${name}`, 'image/svg+xml', shortCache)),
    json('/site.json', siteOf(site)),
    ...languageTags().map((language) => json(`/strings/${language}.json`, stringsOf('ticker', language))),
  ];
}

/** What a ticker on another site reads of this one. */
function siteOf(site: Site): object {
  const editions = publicEditions(site).map(({ access, notice, ...edition }) => ({
    ...edition,
    maxAgeHours: edition.maxAgeHours ?? usualMaxAgeHours,
    flashMinutes: edition.flashMinutes ?? usualFlashMinutes,
    strings: stringsOf('ticker', edition.language),
  }));
  const { brand, flash } = site.site.colors;
  const colors = { ...(brand && { brand: pairOn(brand) }), ...(flash && { flash: pairOn(flash) }) };
  return { name: siteName(site, editions[0]?.language ?? 'en'), ...((brand || flash) && { colors }), editions };
}

function articlesOf(context: PageContext): [string, () => string][] {
  const editions = publicEditions(context.site);
  return examplesOf(context.site).flatMap((article) => {
    const edition = editions.find(({ language }) => language.split('-')[0] === article.language);
    return edition ? [[`/article/${article.slug}`, () => articlePage(context, edition, article)]] : [];
  });
}
