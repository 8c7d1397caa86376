import { comparisonText } from './comparison-text.ts';
import { isMostlyInOtherScript } from './script.ts';
import { type LetterPairs, letterPairs, similarityOf } from './similarity.ts';

/** What a line is warned about, at the desk and by the API. A warning never blocks a line. */
export const warningCodes = ['near-duplicate', 'missing-source', 'wrong-script'] as const;
export type WarningCode = (typeof warningCodes)[number];

/** A line that a new one may repeat. */
export interface KnownLine {
  readonly id: string;
  readonly pairs: LetterPairs;
  /** ms since 1970. */
  readonly at: number;
}

export type LineWarning<Line extends KnownLine = KnownLine> =
  | { readonly code: 'near-duplicate'; readonly line: Line; readonly minutesAgo: number }
  | { readonly code: 'missing-source' }
  | { readonly code: 'wrong-script' };

interface NewLine {
  readonly headline: string;
  readonly attribution?: string | undefined;
}

interface Surroundings<Line extends KnownLine> {
  /** The language of the edition. */
  readonly language: string;
  readonly known: readonly Line[];
  /** ms since 1970. */
  readonly now: number;
}

const windowMs = 3_600_000;
const similarFrom = 0.72;
/** Shorter texts are all similar to each other. */
const shortest = 12;

export function lineWarnings<Line extends KnownLine>(
  { headline, attribution }: NewLine,
  { language, known, now }: Surroundings<Line>,
): readonly LineWarning<Line>[] {
  const line = mostSimilar(headline, known, now);
  return [
    ...(line
      ? [{ code: 'near-duplicate', line, minutesAgo: Math.max(0, Math.round((now - line.at) / 60_000)) } as const]
      : []),
    ...(attribution === undefined ? [{ code: 'missing-source' } as const] : []),
    ...(isMostlyInOtherScript(headline, language) ? [{ code: 'wrong-script' } as const] : []),
  ];
}

/** A headline in the form in which lines are compared. */
export function pairsOf(headline: string): LetterPairs {
  return letterPairs(comparisonText(headline));
}

/** The most similar line of the last hour, if it is similar enough. */
function mostSimilar<Line extends KnownLine>(headline: string, known: readonly Line[], now: number): Line | null {
  const text = comparisonText(headline);
  if (text.length < shortest) return null;
  const pairs = letterPairs(text);
  let best: { readonly line: Line; readonly similarity: number } | null = null;
  for (const line of known) {
    if (now - line.at > windowMs) continue;
    const similarity = similarityOf(pairs, line.pairs);
    if (similarity >= similarFrom && similarity > (best?.similarity ?? 0)) best = { line, similarity };
  }
  return best?.line ?? null;
}
