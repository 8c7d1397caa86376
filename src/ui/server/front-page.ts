import type { Site, SiteEdition } from '../../item/site.ts';
import { stringsOf } from '../strings/language.ts';
import { html, type Markup } from './html.ts';

/** The front page in the language of one edition: its ticker first and wide, the other editions beside it. */
export function frontPage(site: Site, first: SiteEdition, publicUrl: string | undefined): string {
  const strings = stringsOf(first.language);
  const editions = publicEditions(site);
  const ordered = [first, ...editions.filter((edition) => edition !== first)];
  const canonical = publicUrl
    ? html`<link rel="canonical" href="${new URL(pathOf(site, first), publicUrl).href}">`
    : html``;
  return html`<!doctype html>
<html lang="${first.language}" dir="${first.dir}">
<head>
<meta charset="utf-8">
<title>Flashwire · ${strings.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="${strings.site.tagline}">
${canonical}
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/front.css">
<script type="module" src="/front.js"></script>
</head>
<body>
<header class="masthead">
<div>
<h1><span lang="en" dir="ltr">Flashwire</span></h1>
<p class="tagline">${strings.site.tagline}</p>
</div>
<nav aria-label="${strings.site.languages}">
<ul>${editions.map((edition) => languageLink(site, edition, first))}</ul>
</nav>
</header>
<main>
${ordered.map(editionSection)}
</main>
</body>
</html>
`.text;
}

/** The editions that anyone may read; the first of the site is the one at `/`. */
export function publicEditions(site: Site): readonly SiteEdition[] {
  return site.editions.filter((edition) => edition.access === 'public');
}

function languageLink(site: Site, edition: SiteEdition, current: SiteEdition): Markup {
  const mark = edition === current ? html` aria-current="page"` : html``;
  return html`<li><a href="${pathOf(site, edition)}" lang="${edition.language}" dir="${edition.dir}"${mark}>${edition.name}</a></li>`;
}

function editionSection(edition: SiteEdition): Markup {
  return html`<section lang="${edition.language}" dir="${edition.dir}">
<h2>${edition.name}</h2>
<breaking-ticker edition="${edition.id}" lang="${edition.language}" time-zone="${edition.timeZone}" numerals="${edition.numerals}"></breaking-ticker>
</section>
`;
}

function pathOf(site: Site, edition: SiteEdition): string {
  return edition === publicEditions(site)[0] ? '/' : `/?edition=${encodeURIComponent(edition.id)}`;
}
