import type { SiteEdition } from './site.ts';

const wording: Readonly<Record<string, (time: string) => string>> = {
  en: (time) => `A line published at ${time} has been withdrawn.`,
  ar: (time) => `سُحب خبر نُشر عند الساعة ${time}.`,
  es: (time) => `Se ha retirado una línea publicada a las ${time}.`,
};

/** What readers are told when the desk gives no notice of its own: the time, never the claim. */
export function defaultNotice(edition: SiteEdition, publishedAtMs: number): string {
  const language = edition.language.split('-')[0] ?? 'en';
  const time = new Intl.DateTimeFormat(`${edition.language}-u-nu-${edition.numerals}`, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: edition.timeZone,
  }).format(publishedAtMs);
  return (wording[language] ?? wording['en'] ?? String)(time);
}
