import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contrastOf, type Pair, pairOn } from '../../../item/contrast.ts';
import type { Site } from '../../../item/site.ts';

/** Those of theme.css. */
const usual = { brand: '#101c33', flash: '#c8102e', darkPaper: '#111318' };

/** The background of the navigation and the icon, and the text on it. */
export function brandOf({ site }: Site): Pair {
  return pairOn(site.colors.brand ?? usual.brand);
}

/** The colours of the browser's bar above a page in the light and, where it differs, the dark. */
export function barColors(site: Site): { readonly usual: string; readonly dark?: string } {
  const { background } = brandOf(site);
  return { usual: background, ...(isBright(background) && { dark: usual.darkPaper }) };
}

/** White and most yellows: a band of it on a dark page glares. */
function isBright(color: string): boolean {
  return contrastOf(color, '#ffffff') < 2;
}

/** A built style sheet in the colours of the site. */
export function sheetOf(site: Site, publicDir: string, name: string): string {
  return readFileSync(join(publicDir, name), 'utf8') + colorSheet(site);
}

/** The configured colours, to follow theme.css. A ticker in a page inherits the flash. On a dark page a bright brand is behind the name alone. */
function colorSheet({ site }: Site): string {
  const { brand, flash } = site.colors;
  const rules: string[] = [];
  if (brand) {
    const { background, text } = pairOn(brand);
    rules.push(`--band:${background};--on-band:${text};--off-band:${text === '#ffffff' ? '#000000' : '#ffffff'}`);
  }
  if (flash) {
    const { background, text } = pairOn(flash);
    rules.push(`--flash:${background};--on-flash:${text}`);
    rules.push(`--flashwire-flash:${background};--flashwire-on-flash:${text}`);
  }
  const plate = `--band:var(--paper);--on-band:var(--ink);--off-band:var(--paper);--plate:${brand};--on-plate:#000000`;
  const inTheDark =
    brand && isBright(brand) ? `@media (prefers-color-scheme:dark){:root{${plate};--plate-inset:0.3rem 0.7rem}}\n` : '';
  return rules.length > 0 ? `:root{${rules.join(';')}}\n${inTheDark}` : '';
}
