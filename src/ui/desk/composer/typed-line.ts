/** The typed line, split: "AFP: headline", or a headline alone. */
export interface TypedLine {
  readonly headline: string;
  readonly attribution?: string;
}

const longestAttribution = 80;

/**
 * The attribution ends at the first ": ", if what stands before it is a source. A part that is too long for an attribution
 * belongs to the headline.
 */
export function parseTypedLine(text: string, isSource: (name: string) => boolean = () => true): TypedLine {
  const line = text.trim();
  const end = line.indexOf(': ');
  const attribution = line.slice(0, Math.max(0, end)).trim();
  const headline = line.slice(end + 2).trim();
  if (
    attribution === '' ||
    headline === '' ||
    graphemes(attribution).length > longestAttribution ||
    !isSource(attribution)
  )
    return { headline: line };
  return { attribution, headline };
}

/**
 * Letters as a reader counts them: an accent or an emoji sequence is one letter, where the browser can tell (Firefox since
 * 125).
 */
export function graphemes(text: string): readonly string[] {
  if (!('Segmenter' in Intl)) return Array.from(text);
  return Array.from(new Intl.Segmenter().segment(text), (part) => part.segment);
}
