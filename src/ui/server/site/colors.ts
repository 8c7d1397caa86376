import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Pair, pairOn } from '../../../item/contrast.ts';
import type { Site } from '../../../item/site.ts';

/** Those of theme.css. */
const usual = { brand: '#101c33', flash: '#c8102e' };

/** The background of the navigation and the icon, and the text on it. */
export function brandOf({ site }: Site): Pair {
  return pairOn(site.colors.brand ?? usual.brand);
}

/** A built style sheet in the colours of the site. */
export function sheetOf(site: Site, publicDir: string, name: string): string {
  return readFileSync(join(publicDir, name), 'utf8') + colorSheet(site);
}

/** The configured colours, to follow theme.css. A ticker in a page inherits the flash. */
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
  return rules.length > 0 ? `:root{${rules.join(';')}}\n` : '';
}
