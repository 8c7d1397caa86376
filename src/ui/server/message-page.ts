import type { SiteEdition } from '../../item/site.ts';
import { livePath } from '../news/paths.ts';
import { stringsOf } from '../strings/strings.ts';
import { documentOf } from './document.ts';
import { html } from './html.ts';
import type { PageContext } from './news-page.ts';

/** An error page with a link to the live page. */
export function messagePage(context: PageContext, edition: SiteEdition, kind: 'notFound' | 'unavailable'): string {
  const strings = stringsOf('pages', edition.language);
  const hint = kind === 'notFound' ? strings.notFoundHint : strings.unavailableHint;
  return documentOf({
    ...context,
    edition,
    title: strings[kind],
    description: hint,
    path: '',
    kind: 'website',
    body: html`<article class="message">
<h1>${strings[kind]}</h1>
<p>${hint}</p>
<p class="onward"><a href="${livePath(edition.id)}">${strings.allUpdates}</a></p>
</article>`,
    hasTicker: false,
    isError: true,
  });
}
