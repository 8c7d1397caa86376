import { type Site, siteName } from '../../../item/site.ts';
import { html } from '../html.ts';
import { brandOf } from './colors.ts';

/** The icon of a site that has none of its own: the first letter of its name on its colour. */
export function letterIcon(site: Site): string {
  const { background, text } = brandOf(site);
  const language = site.editions.find(({ access }) => access === 'public')?.language ?? 'en';
  const name = siteName(site, language);
  const [first] = new Intl.Segmenter(language, { granularity: 'grapheme' }).segment(name);
  const letter = (first?.segment ?? '').toLocaleUpperCase(language);
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>${name}</title><rect width="32" height="32" rx="6" fill="${background}"/><text x="16" y="17" dominant-baseline="central" text-anchor="middle" font-family="system-ui, sans-serif" font-size="20" font-weight="700" fill="${text}">${letter}</text></svg>`
    .text;
}
