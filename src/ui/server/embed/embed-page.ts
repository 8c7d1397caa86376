import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { SiteEdition } from '../../../item/site.ts';
import { EmbedForm } from '../../embed/embed-form.tsx';
import type { EmbedModel } from '../../embed/model.ts';
import { stringsOf } from '../../strings/strings.ts';
import { addressOf, documentOf, publicEditions } from '../document.ts';
import { html, jsonBlock, Markup } from '../html.ts';
import { labelsOf, type PageContext } from '../news-page.ts';
import { stringsBlock } from '../strings-block.ts';

/** The page for sites that embed the ticker: options, snippet and preview. */
export function embedPage(context: PageContext, edition: SiteEdition, script: EmbedModel['site']['script']): string {
  const strings = stringsOf('embed', edition.language);
  const { sections, regions } = labelsOf(context.site, edition);
  const path = (of: SiteEdition) => `/embed?edition=${encodeURIComponent(of.id)}`;
  const model: EmbedModel = {
    language: edition.language,
    edition: edition.id,
    editions: publicEditions(context.site).map(({ id, name, language, timeZone, numerals }) => {
      return { id, label: name, language, timeZone, numerals };
    }),
    sections,
    regions,
    site: {
      origin: addressOf('/', context.publicUrl).replace(/\/$/, ''),
      script,
      offersOEmbed: context.origins.isOpen,
    },
  };
  return documentOf({
    ...context,
    edition,
    title: strings.title,
    description: strings.summary,
    path: path(edition),
    kind: 'website',
    head: html`<script type="application/json" id="model">${jsonBlock(model)}</script>
${stringsBlock({
  ...Object.fromEntries(publicEditions(context.site).map(({ language }) => [language, ['ticker', 'samples']])),
  [edition.language]: ['ticker', 'samples', 'embed'],
})}
<script type="module" src="/embed.js"></script>
<script type="module" src="/embed.ticker.js"></script>
<script type="module" src="/ticker-list.js"></script>`,
    body: html`<div id="embed">${new Markup(renderToString(h(EmbedForm, { model })))}</div>`,
    hasTicker: false,
    editionPath: path,
  });
}
