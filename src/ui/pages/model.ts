import type { PublicItem, UsableItem } from '../../item/item.ts';
import type { SiteEdition } from '../../item/site.ts';
import type { Filter } from '../../protocol/filter.ts';
import type { LineStyle } from '../news/line.tsx';
import { stringsOf } from '../strings/strings.ts';

/** A section, region or topic by the name it has in the page's language. */
export interface Label {
  readonly id: string;
  readonly label: string;
}

export interface Labels {
  readonly sections: readonly Label[];
  readonly regions: readonly Label[];
  readonly topics: readonly Label[];
}

/** What the server has rendered a page's news from, and what the browser goes on from. */
export interface NewsModel {
  readonly view: 'list' | 'latest' | 'item';
  readonly edition: SiteEdition;
  readonly filter: Filter;
  readonly labels: Labels;
  readonly title: string;
  /** Of the page itself, absolute where the site knows its own address. */
  readonly url: string;
  /** Newest place first; of an item's page, that item. */
  readonly items: readonly PublicItem[];
  /** The newest flashes. */
  readonly key: readonly PublicItem[];
  /** The `before` of the page after this one; null: there is none. */
  readonly next: number | null;
  /** Where the news stands; null while nobody knows. */
  readonly position: string | null;
  /** Older items: no new ones come, but what is there is corrected and taken back. */
  readonly isArchive: boolean;
}

export function lineStyleOf(edition: SiteEdition, now: number | null): LineStyle {
  const { language, timeZone, numerals } = edition;
  return { strings: stringsOf('ticker', language), time: { language, timeZone, numerals }, now };
}

/** Half of a surrogate pair has no place in an address: it becomes U+FFFD rather than an error. Browsers of 2022 have no `toWellFormed`. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

export function itemPath(item: Pick<PublicItem, 'id'>): string {
  return `/item/${encode(item.id)}`;
}

export function livePath(edition: string): string {
  return `/live/${encode(edition)}`;
}

export type FacetName = 'section' | 'region' | 'topic';

export function facetPath(name: FacetName, edition: string, id: string): string {
  return `/${name}/${encode(edition)}/${encode(id)}`;
}

/** Where an item is filed, with the addresses of those pages. */
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
