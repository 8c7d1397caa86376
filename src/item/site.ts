import type { Direction } from './item.ts';
import type { SiteSource } from './line/source.ts';
import type { Template } from './line/template.ts';

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
  /** How many flashes a minute go out without a confirmation; `usualFlashesPerMinute` if it is not set. */
  readonly flashesPerMinute?: number;
  /** Phrases for the desk. */
  readonly templates?: readonly Template[];
}

/** More than a desk sends on purpose, fewer than a mistaken import does. */
export const usualFlashesPerMinute = 12;

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
  /** Sources that are known from the start. */
  readonly sources: readonly SiteSource[];
}

/** A label in a language, else in a more general one (`zh-Hant-TW`, `zh-Hant`, `zh`: RFC 4647, 3.4), else in English. */
export function labelIn(labels: SiteFacet['labels'], language: string): string | undefined {
  for (let tag = language; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-'))))
    if (labels[tag] !== undefined) return labels[tag];
  return labels['en'];
}

/** The public part of a site: without the editions that need a key, and without the sources of those alone. */
export function publicSite(site: Site): Site {
  const editions = site.editions.filter(({ access }) => access === 'public');
  const isPublic = (id: string) => editions.some((edition) => edition.id === id);
  const sources = site.sources.flatMap(({ editions: of, ...source }) => {
    if (of === undefined) return [source];
    const open = of.filter(isPublic);
    return open.length > 0 ? [{ ...source, editions: open }] : [];
  });
  return { ...site, editions, sources };
}

/** The site as the pages of readers know it: without what only the desk needs. */
export function readersSite(site: Site): Site {
  return { ...site, editions: site.editions.map(({ templates, flashesPerMinute, ...edition }) => edition) };
}
