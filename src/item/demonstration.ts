import type { SiteIdentity } from './site.ts';

/** The site of a configuration file without `site`. */
export const demonstration: SiteIdentity = {
  name: {
    en: 'Demonstration newsroom',
    ar: 'غرفة أخبار تجريبية',
    es: 'Redacción de demostración',
    fr: 'Rédaction de démonstration',
  },
  tagline: {
    en: 'Breaking news, the moment it is known',
    ar: 'الأخبار العاجلة لحظة ورودها',
    es: 'Las noticias de última hora, en cuanto se saben',
    fr: 'L’actualité dès qu’elle est connue',
  },
  colors: {},
  links: [],
  social: [],
};
