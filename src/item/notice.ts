import type { SiteEdition } from './site.ts';

/** The notice of a language, with `{time}`; undefined for a language that has none. */
export type NoticeIn = (language: string) => string | undefined;

/** The time, struck out. A retraction never fails, or speaks another language than its readers, because a text is missing. */
const wordless = '✕ {time}';

/**
 * What readers see when the desk gives no notice of its own: the time and its zone, never the claim. It is the edition's configured
 * notice, else the notice of the edition's language, else the time alone.
 */
export function defaultNotice(edition: SiteEdition, publishedAtMs: number, noticeIn: NoticeIn): string {
  const locale = new Intl.Locale(edition.language, { numberingSystem: edition.numerals });
  const time = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: edition.timeZone,
    timeZoneName: 'short',
  }).format(publishedAtMs);
  return (edition.notice ?? noticeIn(edition.language) ?? wordless).replaceAll('{time}', time);
}
