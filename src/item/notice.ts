import type { SiteEdition } from './site.ts';

const wording: Readonly<Record<string, string>> = {
  en: 'A line published at {time} has been withdrawn.',
  ar: 'سُحب خبر نُشر عند الساعة {time}.',
  es: 'Se ha retirado una línea publicada a las {time}.',
  fr: 'Une information publiée à {time} a été retirée.',
};

/** Of no language: the time, struck out. A retraction never fails, or speaks another language than its readers, for want of words. */
const wordless = '✕ {time}';

/**
 * What readers are told when the desk gives no notice of its own: the time, never the claim. In the words of the edition's own
 * configuration, else in its language where Flashwire has words for it, else without any.
 */
export function defaultNotice(edition: SiteEdition, publishedAtMs: number): string {
  const { language, base } = localeOf(edition);
  const time = new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: edition.timeZone,
  }).format(publishedAtMs);
  return (edition.notice ?? wording[base] ?? wordless).replaceAll('{time}', time);
}

function localeOf({ language, numerals }: SiteEdition) {
  const locale = new Intl.Locale(language, { numberingSystem: numerals });
  return { language: locale, base: locale.language };
}
