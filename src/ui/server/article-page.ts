import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { SiteEdition } from '../../item/site.ts';
import { fullTime } from '../news/time-text.ts';
import { facetPath } from '../pages/model.ts';
import { ShareButton } from '../pages/share-button.tsx';
import { stringsOf } from '../strings/strings.ts';
import { documentOf, labelOf } from './document.ts';
import type { ExampleArticle } from './examples/article.ts';
import { exampleArticles, minutesToRead } from './examples/examples.ts';
import { html, Markup } from './html.ts';
import type { PageContext } from './news-page.ts';
import { stringsBlock } from './strings-block.ts';

/** An example article, as on a newsroom's site, with the ticker above it. */
export function articlePage(context: PageContext, edition: SiteEdition, article: ExampleArticle): string {
  const strings = stringsOf('pages', edition.language);
  const path = `/article/${article.slug}`;
  const [first = '', ...rest] = article.paragraphs;
  const share = renderToString(h(ShareButton, { path, title: article.headline, strings }));
  const minutes = new Intl.NumberFormat(edition.language, { numberingSystem: edition.numerals }).format(
    minutesToRead(article),
  );
  return documentOf({
    ...context,
    edition,
    title: article.headline,
    description: article.summary,
    path,
    kind: 'article',
    head: stringsBlock({ [edition.language]: ['pages'] }),
    body: html`<article class="article">
<header>
${filed(context, edition, article)}
<h1>${article.headline}</h1>
<p class="summary">${article.summary}</p>
<p class="byline"><span>${strings.by} <b>${article.byline}</b></span> <span>${strings.source}: ${article.source}</span></p>
<p class="when"><time datetime="${article.publishedAt}">${fullTime(Date.parse(article.publishedAt), edition)}</time> <span>${strings.minutesToRead.replace('{count}', minutes)}</span> <span id="share" data-path="${path}" data-title="${article.headline}">${new Markup(share)}</span></p>
</header>
<figure>
<img src="/examples/${article.image.file}" alt="${article.image.alt}" width="960" height="540">
<figcaption>${article.image.caption}</figcaption>
</figure>
<div class="text">
<p><b class="place">${article.place}</b> — ${first}</p>
${rest.map(
  (paragraph) => html`<p>${paragraph}</p>
`,
)}
</div>
<section class="tags" aria-labelledby="tags">
<h2 id="tags">${strings.tags}</h2>
<ul>${article.tags.map(
      (tag) => html`<li>${tag}</li>
`,
    )}</ul>
</section>
${related(article, strings.related)}
<p class="example">${strings.example}</p>
</article>`,
    hasTicker: true,
    editionPath: (other) => sameIn(article, other),
  });
}

function filed({ site }: PageContext, edition: SiteEdition, article: ExampleArticle): Markup {
  const section = site.sections.find(({ id }) => id === article.section);
  const region = site.regions.find(({ id }) => id === article.region);
  const link = (href: string, label: string) => html`<a href="${href}">${label}</a> `;
  return html`<p class="kicker">${section ? link(facetPath('section', edition.id, section.id), labelOf(section.labels, edition, section.id)) : html``}${region ? link(facetPath('region', edition.id, region.id), labelOf(region.labels, edition, region.id)) : html``}</p>`;
}

function related(article: ExampleArticle, title: string): Markup {
  const others = exampleArticles.filter((other) => other.language === article.language && other !== article);
  return html`<nav class="related" aria-labelledby="related">
<h2 id="related">${title}</h2>
<ul>${others.map(
    ({ slug, headline }) => html`<li><a href="/article/${slug}">${headline}</a></li>
`,
  )}</ul>
</nav>`;
}

/** The article's counterpart in another edition: the one with the same picture. */
function sameIn(article: ExampleArticle, edition: SiteEdition): string | null {
  const twin = exampleArticles.find(
    ({ language, image }) => language === edition.language.split('-')[0] && image.file === article.image.file,
  );
  return twin ? `/article/${twin.slug}` : null;
}
