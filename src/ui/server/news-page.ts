import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { lineOf, type PublicItem } from '../../item/item.ts';
import { type Source, sourceKey } from '../../item/line/source.ts';
import { publisherName, type Site, type SiteEdition } from '../../item/site.ts';
import type { Filter } from '../../protocol/filter.ts';
import type { Origins } from '../../protocol/origins.ts';
import { itemPath, livePath } from '../news/paths.ts';
import { jsonLdOf } from '../pages/json-ld.ts';
import {
  type FacetName,
  facetPath,
  type Labels,
  listQuery,
  type NewsModel,
  type Publisher,
  type TickerStart,
} from '../pages/model.ts';
import { StillNews } from '../pages/news.tsx';
import { stringsOf } from '../strings/strings.ts';
import { addressOf, documentOf, labelOf } from './document.ts';
import { html, jsonBlock, Markup } from './html.ts';
import { stringsBlock } from './strings-block.ts';

/** The site and its address, for every page. */
export interface PageContext {
  readonly site: Site;
  readonly publicUrl?: string | undefined;
  /** The pages that may read the feed, and so may show the ticker. */
  readonly origins: Origins;
  /** The newest lines of an edition, for its ticker. Null: not known now. */
  readonly tickerStart?: (edition: SiteEdition) => TickerStart | null;
  /** The known sources of an edition. */
  sourcesOf(edition: string): readonly Source[];
}

/** The subject of a page: an edition or its flashes, or one of its sections, regions or topics. */
export interface Subject {
  readonly edition: SiteEdition;
  readonly isFlashesOnly?: boolean;
  readonly facet?: {
    readonly name: FacetName;
    readonly id: string;
    readonly label: string;
    /** False for a topic that the configuration does not name. */
    readonly isConfigured: boolean;
  };
}

export interface NewsPart {
  readonly items: readonly PublicItem[];
  readonly key: readonly PublicItem[];
  readonly next: number | null;
  readonly position: string;
}

export function filterOf(
  subject: Subject,
  urgencies: readonly string[] = subject.isFlashesOnly ? ['flash'] : [],
): Filter {
  const { edition, facet } = subject;
  const of = (name: FacetName) => (facet?.name === name ? [facet.id] : []);
  return { edition: edition.id, sections: of('section'), regions: of('region'), topics: of('topic'), urgencies };
}

/** Null when the configuration has no such section or region. Any topic is possible. */
export function subjectOf(site: Site, edition: SiteEdition, name: FacetName, id: string): Subject | null {
  const facet = { section: site.sections, region: site.regions, topic: site.topics }[name].find(
    (facet) => facet.id === id,
  );
  if (!facet && name !== 'topic') return null;
  const label = facet ? labelOf(facet.labels, edition, id) : id;
  return { edition, facet: { name, id, label, isConfigured: facet !== undefined } };
}

/** `isThere` says whether another edition has the same page. */
export function listPage(
  context: PageContext,
  subject: Subject,
  part: NewsPart,
  before: number | null,
  isThere: (other: SiteEdition) => boolean,
): string {
  const { edition, facet } = subject;
  const strings = stringsOf('pages', edition.language);
  const filter = filterOf(subject);
  const pathOf = ({ id }: SiteEdition) =>
    (facet ? facetPath(facet.name, id, facet.id) : livePath(id)) + listQuery(filter);
  const path = pathOf(edition);
  const model: NewsModel = {
    ...part,
    view: 'list',
    isArchive: before !== null,
    edition,
    filter,
    labels: labelsOf(context.site, edition),
    sources: sourcesIn(part.items, context),
    publisher: publisherOf(context, edition),
    title: facet ? facet.label : strings.liveTitle,
    url: addressOf(path, context.publicUrl),
  };
  return documentOf({
    ...context,
    edition,
    title: model.title,
    description: strings.liveSummary,
    path: before === null ? path : path.split('?')[0] + listQuery(filter, before),
    kind: 'website',
    head: newsHead(model),
    body: newsBody(model),
    hasTicker: facet !== undefined,
    facet,
    isEmbeddable: !facet && before === null && !subject.isFlashesOnly,
    switchPath: (other) => (isThere(other) ? pathOf(other) : null),
    ...(before === null && facet?.isConfigured !== false && { editionPath: pathOf }),
  });
}

export function itemPage(
  context: PageContext,
  edition: SiteEdition,
  item: PublicItem,
  position: string | null,
): string {
  const strings = stringsOf('pages', edition.language);
  const model: NewsModel = {
    view: 'item',
    isArchive: false,
    edition,
    filter: filterOf({ edition }),
    labels: labelsOf(context.site, edition),
    sources: sourcesIn([item], context),
    publisher: publisherOf(context, edition),
    title: item.status === 'usable' ? lineOf(item) : strings.withdrawnTitle,
    url: addressOf(itemPath(item), context.publicUrl),
    items: [item],
    key: [],
    next: null,
    position,
  };
  return documentOf({
    ...context,
    edition,
    title: model.title,
    description: item.status === 'usable' ? lineOf(item) : (item.notice ?? strings.goneTitle),
    path: itemPath(item),
    kind: 'article',
    head: newsHead(model),
    body: newsBody(model),
    hasTicker: true,
    isEmbeddable: true,
    switchPath: (other) => nearestPath(context.site, item, other),
    isError: item.status !== 'usable',
  });
}

/** The page of another edition that is nearest to an item: its story, else its section. */
function nearestPath({ topics, sections }: Site, item: PublicItem, { id: edition }: SiteEdition): string | null {
  if (item.status !== 'usable') return null;
  const topic = item.topics.find((id) => topics.some((known) => known.id === id));
  if (topic !== undefined) return facetPath('topic', edition, topic);
  const section = item.sections.find((id) => sections.some((known) => known.id === id));
  return section === undefined ? null : facetPath('section', edition, section);
}

export function labelsOf(site: Site, edition: SiteEdition): Labels {
  const of = (facets: Site['sections']) =>
    facets.map(({ id, labels }) => ({ id, label: labelOf(labels, edition, id) }));
  return { sections: of(site.sections), regions: of(site.regions), topics: of(site.topics) };
}

/** Who publishes these pages, as search engines read it. */
export function publisherOf({ site, publicUrl }: PageContext, { language }: SiteEdition): Publisher {
  const { publisher, social } = site.site;
  return {
    name: publisherName(site, language),
    ...(publisher?.logo && { logo: addressOf(publisher.logo, publicUrl) }),
    ...(social.length > 0 && { sameAs: social }),
  };
}

/** Those of the known sources that these items name, as they name them: a page grows by no others. */
export function sourcesIn(items: readonly PublicItem[], { sourcesOf }: PageContext): readonly Source[] {
  const named = new Map(
    items.flatMap((item) =>
      item.status === 'usable' && item.attribution !== undefined ? [[item.attribution, item.edition] as const] : [],
    ),
  );
  return [...named].flatMap(([name, edition]) => {
    const key = sourceKey(name);
    const source = sourcesOf(edition).find((known) => sourceKey(known.name) === key);
    return source ? [{ name, kind: source.kind }] : [];
  });
}

/** The data and the texts from which the browser continues, and the JSON-LD for search engines. */
export function newsHead(model: NewsModel): Markup {
  return html`<script type="application/json" id="model">${jsonBlock(model)}</script>
${stringsBlock({ [model.edition.language]: ['ticker', 'pages'] })}
<script type="application/ld+json" id="json-ld">${new Markup(jsonLdOf(model, model.items))}</script>`;
}

export function newsBody(model: NewsModel): Markup {
  return html`<div id="news">${new Markup(renderToString(h(StillNews, { model })))}</div>`;
}
