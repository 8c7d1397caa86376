/** The letter pairs of a text: enough to compare it with another one, without the text itself. */
export type LetterPairs = ReadonlySet<string>;

export function letterPairs(text: string): LetterPairs {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
}

/** From 0 to 1: the share of common letter pairs (Sørensen and Dice), which ignores the order of words. */
export function similarityOf(one: LetterPairs, other: LetterPairs): number {
  const total = one.size + other.size;
  if (total === 0) return 1;
  const [small, large] = one.size < other.size ? [one, other] : [other, one];
  let common = 0;
  for (const pair of small) if (large.has(pair)) common += 1;
  return (2 * common) / total;
}
