import type { Site, SiteEdition } from './site.ts';

/**
 * The edition of the canary: an item that goes all the way every few seconds, so that "it works" is something that has
 * been seen. Its id cannot be in a configuration, and no reader's door leads to it.
 */
export const canaryEdition: SiteEdition = {
  id: '_canary',
  name: 'Canary',
  language: 'en',
  dir: 'ltr',
  timeZone: 'UTC',
  numerals: 'latn',
  access: 'key',
};

/** What is served behind a process' own door, to itself. */
export const canarySite: Site = {
  editions: [{ ...canaryEdition, access: 'public' }],
  sections: [],
  regions: [],
  topics: [],
};

/** Days that items of an edition are kept: an hour for the canary's. */
export function itemDaysOf(edition: string, itemDays: number): number {
  return edition === canaryEdition.id ? 1 / 24 : itemDays;
}
