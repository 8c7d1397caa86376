import { labelIn, type Site, type SiteEdition, type SiteFacet, siteName, taglineOf, wordsIn } from '../../item/site.ts';
import type { Origins } from '../../protocol/origins.ts';
import { livePath } from '../news/paths.ts';
import { type FacetName, facetPath, type TickerStart } from '../pages/model.ts';
import { stringsOf } from '../strings/strings.ts';
import { html, jsonBlock, type Markup } from './html.ts';
import { barMeta } from './site/bar-meta.ts';
import { logoClass, logoOf } from './site/picture.ts';

export interface DocumentOptions {
  readonly site: Site;
  readonly edition: SiteEdition;
  /** The public address of the site; without it no page claims an absolute address. */
  readonly publicUrl?: string | undefined;
  /** Empty on the front page, whose title is the name of the site. */
  readonly title: string;
  readonly description: string;
  /** The path of this page, with the query parameters that select its content. */
  readonly path: string;
  /** schema.org type of Open Graph. */
  readonly kind: 'website' | 'article';
  readonly head?: Markup;
  readonly body: Markup;
  readonly hasTicker: boolean;
  /** The address of this page in another edition, for its switch and for search engines. */
  readonly editionPath?: (edition: SiteEdition) => string | null;
  /** Where the switch leads when no page of another edition is the same. Without either it leads to the live page. */
  readonly switchPath?: (edition: SiteEdition) => string | null;
  /** Where they are a list, the ticker is for listed sites only; anybody may ask for an oEmbed. */
  readonly origins: Origins;
  /** True for a page with an oEmbed. */
  readonly isEmbeddable?: boolean;
  /** The newest lines of an edition, for its ticker; left out on a page that is kept longer than the news. Null: not known now. */
  readonly tickerStart?: (edition: SiteEdition) => TickerStart | null;
  /** The section, region or topic that the page is about, which has feeds of its own. */
  readonly facet?: { readonly name: FacetName; readonly id: string; readonly label: string } | undefined;
  /** True for an error page, which search engines must not index. */
  readonly isError?: boolean;
}

/** A whole page: head, masthead, content, foot. */
export function documentOf(options: DocumentOptions): string {
  const { site, edition, title, body, hasTicker } = options;
  const strings = stringsOf('pages', edition.language);
  return html`<!doctype html>
<html lang="${edition.language}" dir="${edition.dir}">
<head>
<meta charset="utf-8">
<title>${titleOf(site, edition, title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
${describe(options)}
${barMeta(site)}
<link rel="icon" href="${site.site.icon ?? '/favicon.svg'}">
<link rel="apple-touch-icon" href="/apple-touch-icon.png">
<link rel="manifest" href="/manifest.webmanifest?edition=${edition.id}">
<link rel="stylesheet" href="/pages.css">
<script type="module" src="/pages.js"></script>
${hasTicker ? html`<script type="module" src="/pages.ticker.js" blocking="render"></script>` : html``}
${options.head ?? html``}
</head>
<body>
<a class="skip" href="#main">${strings.skip}</a>
${masthead(options)}
${hasTicker ? html`<div class="strip">${tickerOf(edition)}</div>${startOf(options)}` : html``}
<main id="main">
${body}
</main>
${foot(options)}
</body>
</html>
`.text;
}

/** With them the ticker has its lines, and so its height, when the page is first painted. */
function startOf({ edition, tickerStart }: DocumentOptions): Markup {
  const start = tickerStart?.(edition);
  return start
    ? html`
<script type="application/json" id="ticker-start">${jsonBlock(start)}</script>`
    : html``;
}

/** The title of a tab: what the page is about, then whose page it is. */
function titleOf(site: Site, { language }: SiteEdition, title: string): string {
  return [title || taglineOf(site, language), siteName(site, language)].filter(Boolean).join(' · ');
}

/** The public editions. The first one is at `/`. */
export function publicEditions(site: Site): readonly SiteEdition[] {
  return site.editions.filter((edition) => edition.access === 'public');
}

export function frontPath(site: Site, edition: SiteEdition): string {
  return edition === publicEditions(site)[0] ? '/' : `/?edition=${encodeURIComponent(edition.id)}`;
}

export function labelOf(labels: SiteFacet['labels'], { language }: SiteEdition, id: string): string {
  return labelIn(labels, language) ?? id;
}

/** An absolute address when the site knows its own, else the path. */
export function addressOf(path: string, publicUrl: string | undefined): string {
  return publicUrl ? new URL(path, publicUrl).href : path;
}

/** Where to ask for the iframe of a page (oembed.com, 4: discovery). Both addresses are absolute if the site knows its own. */
export function oEmbedLink(path: string, publicUrl: string | undefined): Markup {
  const address = addressOf(`/oembed?url=${encodeURIComponent(addressOf(path, publicUrl))}&format=json`, publicUrl);
  return html`<link rel="alternate" type="application/json+oembed" href="${address}">
`;
}

function describe(options: DocumentOptions): Markup {
  const { site, edition, title, description, path, publicUrl, kind, isError } = options;
  if (isError) return html`<meta name="robots" content="noindex">`;
  const name = siteName(site, edition.language);
  const image = shareImage(site, publicUrl);
  const address = publicUrl && addressOf(path, publicUrl);
  return html`<meta name="description" content="${description}">
<meta property="og:title" content="${title || name}">
<meta property="og:description" content="${description}">
<meta property="og:type" content="${kind}">
<meta property="og:site_name" content="${name}">
<meta property="og:locale" content="${edition.language}">
<meta name="twitter:card" content="${image ? 'summary_large_image' : 'summary'}">
${image ? html`<meta property="og:image" content="${image}">` : html``}
${
  address
    ? html`<link rel="canonical" href="${address}">
<meta property="og:url" content="${address}">
${twins(options)}`
    : html``
}
${options.origins.isOpen && options.isEmbeddable ? oEmbedLink(path, publicUrl) : html``}${feedLinks(options)}`;
}

/** The same page in the other languages, for search engines. They need absolute addresses, and one page a language. */
function twins({ site, edition, editionPath, publicUrl }: DocumentOptions): readonly Markup[] {
  const editions = publicEditions(site);
  if (!editionPath || editions.length < 2) return [];
  const link = (language: string, edition: SiteEdition) => {
    const path = editionPath(edition);
    return path === null
      ? html``
      : html`<link rel="alternate" hreflang="${language}" href="${addressOf(path, publicUrl)}">
`;
  };
  const first = new Map(editions.toReversed().map((other) => [other.language, other]));
  const named = new Set(first.set(edition.language, edition).values());
  return [
    ...editions.filter((other) => named.has(other)).map((other) => link(other.language, other)),
    ...editions.slice(0, 1).map((edition) => link('x-default', edition)),
  ];
}

/** An address of its own, or on a site that knows its own: other sites read it. */
function shareImage({ site: { image } }: Site, publicUrl: string | undefined): string | undefined {
  return image && (image.startsWith('/') && !publicUrl ? undefined : addressOf(image, publicUrl));
}

const feedTypes: Readonly<Record<string, string>> = {
  rss: 'application/rss+xml',
  atom: 'application/atom+xml',
  json: 'application/feed+json',
};

/** The feeds of what the page is about, then those of its edition. */
function feedLinks({ site, edition, facet }: DocumentOptions): readonly Markup[] {
  const whole = { title: `${siteName(site, edition.language)} · ${edition.name}`, query: '' };
  const part = facet && {
    title: `${whole.title} · ${facet.label}`,
    query: `?${new URLSearchParams({ [facet.name]: facet.id })}`,
  };
  return [...(part ? [part] : []), whole].flatMap(({ title, query }) =>
    Object.entries(feedTypes).map(
      ([
        format,
        type,
      ]) => html`<link rel="alternate" type="${type}" title="${title}" href="/feeds/${edition.id}.${format}${query}">
`,
    ),
  );
}

function masthead({ site, edition, path, editionPath, switchPath }: DocumentOptions): Markup {
  const strings = stringsOf('pages', edition.language);
  const tagline = taglineOf(site, edition.language);
  const leadsTo = (other: SiteEdition) => (editionPath ?? switchPath)?.(other) ?? livePath(other.id);
  const link = (href: string, text: string) =>
    html`<li><a href="${href}"${href === path ? html` aria-current="page"` : html``}>${text}</a></li>
`;
  const facetLinks = (facets: Site['sections'], name: 'section' | 'region') =>
    facets
      .filter((facet) => !facet.retired)
      .map((facet) => link(facetPath(name, edition.id, facet.id), labelOf(facet.labels, edition, facet.id)));
  return html`<header class="masthead${logoClass(site)}">
<div class="brand">
<a class="name" href="${frontPath(site, edition)}">${logoOf(site, siteName(site, edition.language))}</a>
${tagline ? html`<p class="tagline">${tagline}</p>` : html``}
<nav class="editions" aria-label="${strings.editions}">
<ul>${publicEditions(site).map((other) => editionLink(other, edition, leadsTo(other)))}</ul>
</nav>
</div>
<nav class="sections" aria-label="${strings.sections}">
<ul><li><a class="live-link" href="${livePath(edition.id)}"${path === livePath(edition.id) ? html` aria-current="page"` : html``}>${strings.live}</a></li>
${facetLinks(site.sections, 'section')}</ul>
</nav>
<nav class="regions" aria-label="${strings.regions}">
<ul>${facetLinks(site.regions, 'region')}</ul>
</nav>
</header>`;
}

function editionLink(edition: SiteEdition, current: SiteEdition, href: string): Markup {
  const mark = edition === current ? html` aria-current="true"` : html``;
  return html`<li><a href="${href}" lang="${edition.language}" hreflang="${edition.language}" dir="${edition.dir}"${mark}>${edition.name}</a></li>
`;
}

/** The ticker of an edition, with its texts, so that it need not ask for them, and with what readers see without script. */
export function tickerOf({ id, language, timeZone, numerals, maxAgeHours, flashMinutes }: SiteEdition): Markup {
  const strings = stringsOf('ticker', language);
  const set = Object.entries({ 'max-age-hours': maxAgeHours, 'flash-minutes': flashMinutes });
  const limits = set.map(([name, value]) => (value === undefined ? html`` : html` ${name}="${String(value)}"`));
  return html`<breaking-ticker edition="${id}" lang="${language}" time-zone="${timeZone}" numerals="${numerals}"${limits} strings="${JSON.stringify(strings)}"><a href="${livePath(id)}">${strings.title}</a></breaking-ticker>`;
}

function foot({ site, edition }: DocumentOptions): Markup {
  const strings = stringsOf('pages', edition.language);
  return html`<footer class="foot-of-page">
<nav aria-label="${strings.feeds}">
<ul>
<li><a href="/feeds/${edition.id}.rss">RSS</a></li>
<li><a href="/feeds/${edition.id}.atom">Atom</a></li>
<li><a href="/feeds/${edition.id}.json">JSON Feed</a></li>
<li><a href="/embed?edition=${edition.id}">${strings.embed}</a></li>
</ul>
</nav>
${site.site.links.length + site.site.social.length > 0 ? ownLinks(site, edition) : html``}
</footer>`;
}

/** The newsroom's own links, and its accounts on other sites. */
function ownLinks(site: Site, { language }: SiteEdition): Markup {
  const { links, social } = site.site;
  const accounts = social.map((url) => ({ url, host: new URL(url).host.replace(/^www\./, '') }));
  return html`<nav class="own" aria-label="${siteName(site, language)}">
<ul>${links.map(
    ({ label, url }) => html`<li><a href="${url}">${wordsIn(label, language)}</a></li>
`,
  )}${accounts.map(
    ({ url, host }) => html`<li><a href="${url}" rel="me" dir="ltr">${host}</a></li>
`,
  )}</ul>
</nav>`;
}
