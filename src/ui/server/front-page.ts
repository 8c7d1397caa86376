import { type SiteEdition, siteName, taglineOf } from '../../item/site.ts';
import { livePath } from '../news/paths.ts';
import { facetPath, type NewsModel } from '../pages/model.ts';
import { stringsOf } from '../strings/strings.ts';
import { addressOf, documentOf, frontPath, labelOf } from './document.ts';
import type { ExampleArticle } from './examples/article.ts';
import { examplesOf } from './examples/examples.ts';
import { html, type Markup } from './html.ts';
import {
  filterOf,
  labelsOf,
  type NewsPart,
  newsBody,
  newsHead,
  type PageContext,
  publisherOf,
  sourcesIn,
} from './news-page.ts';

/**
 * The front page of one edition: ticker, newest items and, on a demonstration site, stories. Without `part` the log is
 * unreachable, and the newest items are missing.
 */
export function frontPage(context: PageContext, edition: SiteEdition, part: NewsPart | null): string {
  const strings = stringsOf('pages', edition.language);
  const [name, tagline] = [siteName(context.site, edition.language), taglineOf(context.site, edition.language)];
  const stories = examplesOf(context.site).filter(({ language }) => language === edition.language.split('-')[0]);
  const [lead, ...others] = stories;
  const model: NewsModel | null = part && {
    ...part,
    view: 'latest',
    isArchive: false,
    edition,
    filter: filterOf({ edition }),
    labels: labelsOf(context.site, edition),
    sources: sourcesIn(part.items, context),
    publisher: publisherOf(context, edition),
    title: strings.latest,
    url: addressOf(livePath(edition.id), context.publicUrl),
  };
  return documentOf({
    ...context,
    edition,
    title: '',
    description: tagline || strings.liveSummary,
    path: frontPath(context.site, edition),
    kind: 'website',
    ...(model && { head: newsHead(model) }),
    body: html`<h1 class="unseen">${tagline ? `${name} · ${tagline}` : name}</h1>
<div class="front">
${
  lead
    ? html`<section class="stories" aria-label="${strings.topStories}">
${story(context, edition, lead, 'lead')}
<div class="more">${others.map((article) => story(context, edition, article, 'small'))}</div>
<p class="example">${strings.example}</p>
</section>`
    : html``
}
${model ? newsBody(model) : html``}
</div>`,
    hasTicker: true,
    editionPath: (other) => frontPath(context.site, other),
  });
}

function story({ site }: PageContext, edition: SiteEdition, article: ExampleArticle, size: 'lead' | 'small'): Markup {
  const section = site.sections.find(({ id }) => id === article.section);
  return html`<article class="story ${size}">
<img src="/examples/${article.image.file}" alt="" width="960" height="540">
${section ? html`<p class="kicker"><a href="${facetPath('section', edition.id, section.id)}">${labelOf(section.labels, edition, section.id)}</a></p>` : html``}
<h2><a href="/article/${article.slug}">${article.headline}</a></h2>
<p>${article.summary}</p>
</article>
`;
}
