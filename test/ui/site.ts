import type { Site, SiteEdition } from '../../src/item/site.ts';

function edition(id: string, name: string, dir: 'ltr' | 'rtl', numerals: string): SiteEdition {
  return { id, name, language: id, dir, timeZone: 'UTC', numerals, access: 'public' };
}

export const site: Site = {
  editions: [
    edition('en', 'English', 'ltr', 'latn'),
    edition('ar', 'العربية', 'rtl', 'arab'),
    edition('es', 'Español', 'ltr', 'latn'),
  ],
  sections: ['politics', 'economy', 'sports', 'health'].map((id) => ({
    id,
    labels: { en: id[0]?.toUpperCase() + id.slice(1) },
  })),
  regions: ['africa', 'asia', 'europe'].map((id) => ({ id, labels: { en: id[0]?.toUpperCase() + id.slice(1) } })),
  topics: [
    { id: 'talks', labels: { en: 'The talks in Lisbon', ar: 'محادثات لشبونة', es: 'Las conversaciones de Lisboa' } },
  ],
};
