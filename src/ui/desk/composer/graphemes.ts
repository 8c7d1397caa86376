/**
 * Letters as a reader counts them: an accent or an emoji sequence is one letter, where the browser can tell (Firefox since
 * 125).
 */
export function graphemes(text: string): readonly string[] {
  if (!('Segmenter' in Intl)) return Array.from(text);
  return Array.from(new Intl.Segmenter().segment(text), (part) => part.segment);
}
