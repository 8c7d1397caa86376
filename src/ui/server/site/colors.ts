import { type Pair, pairOn } from '../../../item/contrast.ts';
import type { Site } from '../../../item/site.ts';

/** Those of theme.css. */
const usual = { brand: '#101c33', flash: '#c8102e' };

/** The background of the navigation and the icon, and the text on it. */
export function brandOf({ site }: Site): Pair {
  return pairOn(site.colors.brand ?? usual.brand);
}
