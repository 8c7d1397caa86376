import { demonstration } from './demonstration.ts';
import type { Site, SiteEdition } from './site.ts';

/**
 * The edition of the canary: every 10 s an item passes the whole path from the API to a fan-out process, so that delivery is
 * measured and not assumed. No configuration can use its id, and no client can read it.
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

/** The site that a process serves on its own loopback port, for its canary only. */
export const canarySite: Site = {
  site: demonstration,
  editions: [{ ...canaryEdition, access: 'public' }],
  sections: [],
  regions: [],
  topics: [],
  sources: [],
};

/** How long items of an edition are kept, days. The canary's are kept for an hour. */
export function itemDaysOf(edition: string, itemDays: number): number {
  return edition === canaryEdition.id ? 1 / 24 : itemDays;
}
