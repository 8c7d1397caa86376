import { demonstration } from '../../src/item/demonstration.ts';
import type { Site, SiteEdition } from '../../src/item/site.ts';

/** An edition as a test needs it: public, in UTC, its ticker with lines of any age, unless told otherwise. */
export function siteEdition(id: string, more: Partial<SiteEdition> = {}): SiteEdition {
  const usual = { dir: 'ltr', timeZone: 'UTC', numerals: 'latn', access: 'public', maxAgeHours: 87_600 } as const;
  return { id, name: id, language: id, ...usual, ...more };
}

const named = (id: string) => ({ id, labels: { en: `${id[0]?.toUpperCase()}${id.slice(1)}` } });

/** The site of all tests. One that needs another edition or topic spreads this one. */
export const site: Site = {
  site: demonstration,
  editions: [
    siteEdition('en', { name: 'English' }),
    siteEdition('ar', { name: 'العربية', dir: 'rtl', numerals: 'arab' }),
    siteEdition('es', { name: 'Español' }),
  ],
  sections: ['politics', 'economy', 'sports', 'health'].map(named),
  regions: ['africa', 'asia', 'europe'].map(named),
  topics: [
    { id: 'talks', labels: { en: 'The talks in Lisbon', ar: 'محادثات لشبونة', es: 'Las conversaciones de Lisboa' } },
  ],
  sources: [
    { name: 'AFP', kind: 'organisation' },
    { name: 'Reuters', kind: 'organisation' },
    { name: 'Ana Prueba', kind: 'person', editions: ['en'] },
  ],
};
