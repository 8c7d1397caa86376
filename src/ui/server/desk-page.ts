import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicSite, type Site, siteName } from '../../item/site.ts';
import { type Group, languageTags, stringsOf } from '../strings/strings.ts';
import { type Asset, createAsset, sendAsset } from './asset.ts';
import { html, jsonBlock, type Markup } from './html.ts';
import type { Pages } from './pages.ts';
import { pagePolicy } from './policy.ts';
import type { OpenApi } from './reference/api-description.ts';
import { apiPage } from './reference/api-page.ts';
import { sheetOf } from './site/colors.ts';
import { letterIcon } from './site/icon.ts';
import { redirectSlash } from './slash-redirect.ts';
import { stringsBlock } from './strings-block.ts';

interface DeskPageOptions {
  /** What scripts/build-browser.mjs has built. */
  readonly publicDir: string;
  readonly site: Site;
  /** OpenAPI of the desk API. */
  readonly api: OpenApi;
}

const pageKinds = new Set(['desk']);

/** The desk page and its script, for the `api` role: same origin, not frameable, not cached on the way. */
export function createDeskPage({ publicDir, site, api }: DeskPageOptions): Pages {
  const common = { 'Cache-Control': 'private, no-cache', 'Referrer-Policy': 'no-referrer' };
  const headers = {
    ...pagePolicy("'self'", ["frame-src 'self'", "frame-ancestors 'none'"]),
    ...common,
    'X-Frame-Options': 'DENY',
    // A page that opens the desk, or that the desk opens, cannot reach its window.
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
  /** A page inside of the desk, which shows a line and does nothing else. */
  const previewHeaders = {
    ...pagePolicy("'none'", ["frame-ancestors 'self'"]),
    ...common,
    'X-Frame-Options': 'SAMEORIGIN',
  };
  const file = (name: string, type: string) => createAsset(readFileSync(join(publicDir, name)), type, headers);
  const javascript = 'text/javascript; charset=utf-8';
  const page = (from: string) => createAsset(deskPage(site, from), 'text/html; charset=utf-8', headers);
  const [desk, deskFromElsewhere] = [page(''), page('elsewhere')];
  const files = new Map<string, Asset>([
    ['/desk', desk],
    ['/desk/', desk],
    ['/desk/api', createAsset(apiPage(site, api), 'text/html; charset=utf-8', headers)],
    ['/desk/api.css', file('api.css', 'text/css; charset=utf-8')],
    ['/desk.js', file('desk.js', javascript)],
    ['/desk-stream.js', file('desk-stream.js', javascript)],
    ['/desk.css', file('desk.css', 'text/css; charset=utf-8')],
    ['/desk.preview', createAsset(previewPage(site), 'text/html; charset=utf-8', previewHeaders)],
    ['/desk.preview.js', file('desk.preview.js', javascript)],
    ['/desk.ticker.js', file('desk.ticker.js', javascript)],
    // The sheet of the readers' pages, which another process serves.
    ['/desk.preview.css', createAsset(sheetOf(site, publicDir, 'pages.css'), 'text/css; charset=utf-8', headers)],
    ['/favicon.svg', createAsset(letterIcon(site), 'image/svg+xml', headers)],
    ...languageTags().map((language): [string, Asset] => [
      `/desk.strings.${language}.json`,
      createAsset(JSON.stringify(stringsOf('desk', language)), 'application/json', headers),
    ]),
  ]);
  // The page says which editions there are, after sign-in. The status must not tell apart those that need a key.
  const hasKeyEditions = site.editions.some(({ access }) => access === 'key');
  const mayExist = (id: string) => hasKeyEditions || site.editions.some((edition) => edition.id === id);
  return {
    handleRequest(request, response) {
      const path = (request.url ?? '').split('?')[0] ?? '';
      const edition = files.has(path) ? undefined : /^\/desk\/([^/]+)$/.exec(path)?.[1];
      const asset = edition === undefined ? files.get(path) : desk;
      // The page itself cannot know where the link was: a link can leave out the referrer.
      const isFromElsewhere = /^(cross|same)-site$/.test(String(request.headers['sec-fetch-site']));
      const status = edition === undefined || mayExist(edition) ? 200 : 404;
      if (asset) sendAsset(request, response, asset === desk && isFromElsewhere ? deskFromElsewhere : asset, status);
      return asset !== undefined || redirectSlash(request, response, pageKinds);
    },
  };
}

/**
 * The page is sent before sign-in, so it names public editions only. `/v1/session` names the others to those who may see
 * them.
 */
function deskPage(site: Site, from: string): string {
  const { editions, sections, regions, topics, sources } = publicSite(site);
  const { name } = site.site;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Desk · ${siteName(site, 'en')}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/desk.css">
<script type="application/json" id="site">${jsonBlock({ name, editions, sections, regions, topics, sources })}</script>
${inEveryLanguage(['ticker', 'notices'])}
<script type="module" src="/desk.js"></script>
</head>
<body>
<div id="desk" data-from="${from}"></div>
<noscript>${languageTags().map(scriptNeeded)}</noscript>
</body>
</html>
`.text;
}

/** The texts of groups that the desk and its preview need in the language of any edition. */
function inEveryLanguage(groups: readonly Group[]): Markup {
  return stringsBlock(Object.fromEntries(languageTags().map((language) => [language, groups])));
}

/** In every language of the desk: without a script it does not know the editor's. */
function scriptNeeded(language: string): Markup {
  const { noScript, dir } = stringsOf('desk', language);
  return html`<p lang="${language}" dir="${dir}">${noScript}</p>`;
}

/** The ticker and the list of a live page, in the elements of a live page (document.ts, news-list.tsx). Its script fills it. */
function previewPage(site: Site): string {
  return html`<!doctype html>
<html lang="en" class="has-script">
<head>
<meta charset="utf-8">
<title>Preview · ${siteName(site, 'en')}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="stylesheet" href="/desk.preview.css">
${inEveryLanguage(['ticker', 'pages'])}
<script type="module" src="/desk.ticker.js"></script>
<script type="module" src="/desk.preview.js"></script>
</head>
<body>
<div class="strip"></div>
<main><div class="news"><div class="columns"><section class="updates"><ol></ol></section></div></div></main>
</body>
</html>
`.text;
}
