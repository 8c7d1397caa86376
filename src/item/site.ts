import type { Direction } from './item.ts';

export interface SiteEdition {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly dir: Direction;
  readonly timeZone: string;
  /** Unicode numbering system (`latn`, `arab`). */
  readonly numerals: string;
  readonly access: 'public' | 'key';
  /** The notice of a retraction that has none of its own. `{time}` is the time of the item. */
  readonly notice?: string;
}

export interface SiteFacet {
  readonly id: string;
  /** By language tag. */
  readonly labels: Readonly<Record<string, string>>;
  /** An id in use can be retired but not removed: new items may not have it, feeds still may. */
  readonly retired?: boolean;
}

export interface SiteTopic extends SiteFacet {}

/** The site that Flashwire serves (flashwire.config.json). */
export interface Site {
  readonly editions: readonly SiteEdition[];
  readonly sections: readonly SiteFacet[];
  readonly regions: readonly SiteFacet[];
  readonly topics: readonly SiteTopic[];
}

/** A label in a language, else in a more general one (`zh-Hant-TW`, `zh-Hant`, `zh`: RFC 4647, 3.4), else in English. */
export function labelIn(labels: SiteFacet['labels'], language: string): string | undefined {
  for (let tag = language; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-'))))
    if (labels[tag] !== undefined) return labels[tag];
  return labels['en'];
}

/** The public part of a site: without the editions that need a key. */
export function publicSite<Part extends Pick<Site, 'editions'>>(site: Part): Part {
  return { ...site, editions: site.editions.filter(({ access }) => access === 'public') };
}
