import type { Site } from '../../../item/site.ts';
import { html, type Markup } from '../html.ts';
import { barColors } from './colors.ts';

/** The colour of the browser's bar above a page. */
export function barMeta(site: Site): Markup {
  const { usual, dark } = barColors(site);
  const first = dark
    ? html`<meta name="theme-color" media="(prefers-color-scheme: dark)" content="${dark}">\n`
    : html``;
  return html`${first}<meta name="theme-color" content="${usual}">`;
}
