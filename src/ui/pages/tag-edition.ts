import { type EditionStyle, filterNames, labels, styleNames, withOwnWords } from '../ticker/site-editions.ts';

export { type EditionStyle, filterNames, labels, styleNames, withOwnWords };

/** Stands in for the ticker's own, which waits for answers: on our pages the tag says all of it, and the first paint needs it. */
export async function learnEdition(ticker: HTMLElement): Promise<EditionStyle> {
  return { strings: JSON.parse(ticker.getAttribute('strings') ?? '') };
}
