import type { PublicItem, UsableItem } from '../../item/item.ts';
import type { Source } from '../../item/line/source.ts';
import type { SiteEdition } from '../../item/site.ts';
import type { Filter } from '../../protocol/filter.ts';
import type { LineStyle } from '../news/line.tsx';
import { encode } from '../news/paths.ts';
import { stringsOf } from '../strings/strings.ts';

/** A section, region or topic with its name in the page's language. */
export interface Label {
  readonly id: string;
  readonly label: string;
}

export interface Labels {
  readonly sections: readonly Label[];
  readonly regions: readonly Label[];
  readonly topics: readonly Label[];
}

/** The news of an edition's ticker when its page was written. */
export interface TickerStart {
  readonly position: string;
  /** Newest place first. */
  readonly items: readonly PublicItem[];
}

/** Who publishes a page, for search engines. */
export interface Publisher {
  readonly name: string;
  readonly logo?: string;
  /** Its accounts on other sites. */
  readonly sameAs?: readonly string[];
}

/** The data from which the server has rendered a page's news, and from which the browser continues. */
export interface NewsModel {
  readonly view: 'list' | 'latest' | 'item';
  readonly edition: SiteEdition;
  readonly filter: Filter;
  readonly labels: Labels;
  /** What is known of the sources of `items`. */
  readonly sources: readonly Source[];
  readonly publisher: Publisher;
  readonly title: string;
  /** The address of the page, absolute when the site knows its own. */
  readonly url: string;
  /** Newest place first. On an item's page, that item. */
  readonly items: readonly PublicItem[];
  /** The newest flashes. */
  readonly key: readonly PublicItem[];
  /** The `before` of the next page; null: there is none. */
  readonly next: number | null;
  /** The position of the news; null when it is unknown. */
  readonly position: string | null;
  /** A page of older items: no new items appear, but corrections and retractions do. */
  readonly isArchive: boolean;
}

export function lineStyleOf(edition: SiteEdition, now: number | null): LineStyle {
  const { language, timeZone, numerals } = edition;
  return { strings: stringsOf('ticker', language), time: { language, timeZone, numerals }, now };
}

/** The query of a list's address: its filter by urgency, and the place that its items are below. */
export function listQuery({ urgencies }: Pick<Filter, 'urgencies'>, before: number | null = null): string {
  const query = new URLSearchParams(urgencies.map((urgency) => ['urgency', urgency]));
  if (before !== null) query.set('before', `${before}`);
  return `${query}` && `?${query}`;
}

export type FacetName = 'section' | 'region' | 'topic';

export function facetPath(name: FacetName, edition: string, id: string): string {
  return `/${name}/${encode(edition)}/${encode(id)}`;
}

/** The facets of an item, with the addresses of their pages. */
export function filedUnder(
  item: UsableItem,
  labels: Labels,
): readonly { readonly label: string; readonly path: string }[] {
  const of = (name: FacetName, ids: readonly string[], known: readonly Label[]) =>
    ids.map((id) => ({
      label: known.find((label) => label.id === id)?.label ?? id,
      path: facetPath(name, item.edition, id),
    }));
  return [
    ...of('section', item.sections, labels.sections),
    ...of('region', item.regions, labels.regions),
    ...of('topic', item.topics, labels.topics),
  ];
}
