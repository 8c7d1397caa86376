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
  /** The age at which a line leaves the ticker; `usualMaxAgeHours` if it is not set. */
  readonly maxAgeHours?: number;
  /** How long the newest flash stays above the other lines of the ticker; `usualFlashMinutes` if it is not set. */
  readonly flashMinutes?: number;
  /** Phrases for the desk. */
  readonly templates?: readonly Template[];
}

/** More than a desk sends on purpose, fewer than a mistaken import does. */
export const usualFlashesPerMinute = 12;

/** About a working day's news: what is older is no longer breaking. */
export const usualMaxAgeHours = 6;
export const usualFlashMinutes = 10;

export interface SiteFacet {
  readonly id: string;
  /** By language tag. */
  readonly labels: Readonly<Record<string, string>>;
  /** An id in use can be retired but not removed: new items may not have it, feeds still may. */
  readonly retired?: boolean;
}

export interface SiteTopic extends SiteFacet {}

/** Words that are the same in every language, or words by language tag. */
export type Words = string | Readonly<Record<string, string>>;

/** The newsroom's own name and look. Pictures are https addresses, paths on this host, or files beside the configuration. */
export interface SiteIdentity {
  readonly name: Words;
  readonly tagline?: Words;
  /** For light and for dark backgrounds. */
  readonly logo?: { readonly light: string; readonly dark?: string };
  /** Backgrounds, `#rrggbb`. The text on them is black or white (contrast.ts). */
  readonly colors: { readonly brand?: string; readonly flash?: string };
  /** The icon of tabs and home screens. */
  readonly icon?: string;
  /** As search engines know it; the site's own name if it is not set. */
  readonly publisher?: { readonly name?: Words; readonly logo?: string };
  /** Links at the foot of each page. */
  readonly links: readonly { readonly label: Words; readonly url: string }[];
  /** Accounts of the newsroom on other sites. */
  readonly social: readonly string[];
  /** The picture of a shared page. */
  readonly image?: string;
}

/** The site that Flashwire serves (flashwire.config.json). */
export interface Site {
  readonly site: SiteIdentity;
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

/** Words in a language, by the rules of `labelIn`, else in the first language that is there. */
export function wordsIn(words: Words, language: string): string {
  return typeof words === 'string' ? words : (labelIn(words, language) ?? Object.values(words)[0] ?? '');
}

export function siteName({ site }: Pick<Site, 'site'>, language: string): string {
  return wordsIn(site.name, language);
}

/** Empty when the site has none. */
export function taglineOf({ site }: Pick<Site, 'site'>, language: string): string {
  return wordsIn(site.tagline ?? '', language);
}

export function publisherName({ site }: Pick<Site, 'site'>, language: string): string {
  return wordsIn(site.publisher?.name ?? site.name, language);
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
