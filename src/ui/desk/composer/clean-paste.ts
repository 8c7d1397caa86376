/** A pasted text without the characters that a line may not have, and how many they were. */
export interface CleanPaste {
  readonly text: string;
  /** The number of invisible characters that were removed or folded into a space. */
  readonly invisible: number;
}

const line = /[\r\n\v\f\u2028\u2029\u0085]+/g;
const odd = /[\t\u00A0\u2000-\u200A\u202F\u205F\u3000]/g;
/** Controls, byte order marks, soft hyphens, word joiners, zero-width spaces, overrides, embeddings, isolates, noncharacters. */
const unseen =
  /[\p{Cc}\uFEFF\u00AD\u2060-\u2064\u200B\u202A-\u202E\u2066-\u2069\u206A-\u206F\uFFF9-\uFFFB\uFFFE\uFFFF]/gu;

/**
 * One line of plain text from the clipboard, with at most one space at either end. The marks that Arabic, Persian and emoji need (LRM, RLM, ALM, ZWNJ, ZWJ,
 * tatweel) stay. Isolates are removed, because they are often unbalanced in text copied from a page.
 */
export function cleanPaste(pasted: string): CleanPaste {
  const spaced = pasted
    .toWellFormed()
    .replace(/\uFFFD/g, '\uFFFE')
    .replace(line, ' ')
    .replace(odd, ' ');
  const invisible = spaced.match(unseen)?.length ?? 0;
  const text = spaced.replace(unseen, '').replace(/ {2,}/g, ' ').normalize('NFC');
  return { text, invisible };
}
