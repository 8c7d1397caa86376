import { CmpStr } from 'cmpstr';
import type { ItemBody } from '../../../item/item.ts';
import { comparisonText } from '../boxes/comparison-text.ts';
import { graphemes, type TypedLine } from './typed-line.ts';

/** A warning about a line. It never blocks the line. */
export type Warning =
  | { readonly type: 'duplicate'; readonly line: string; readonly edition: string; readonly minutesAgo: number }
  | { readonly type: 'too long'; readonly length: number; readonly cutAt: number }
  | { readonly type: 'unsourced' }
  | { readonly type: 'test word'; readonly word: string }
  | { readonly type: 'unfilled'; readonly slot: string };

/** A published or pending line of any edition. */
export interface KnownLine {
  readonly id: string;
  readonly edition: string;
  readonly body: Pick<ItemBody, 'headline'>;
  /** ms since 1970. */
  readonly at: number;
}

export const amberAt = 90;
export const cutAt = 120;

const windowMs = 3_600_000;
const similarFrom = 0.72;
/** Shorter texts are all similar to each other. */
const shortest = 12;

/** Matched as whole words, after `comparisonText`: "protest" is not "test". */
const testWords = [
  'test',
  'testing',
  'drill',
  'dummy',
  'lorem ipsum',
  'asdf',
  'do not publish',
  'do not use',
  'do not pub',
  'hold for release',
  'prueba',
  'simulacro',
  'no publicar',
  'borrador',
  'اختبار',
  'تجربه',
  'تجريبي',
  'للتجربه',
  'لا تنشر',
];

export function warningsOf(typed: TypedLine, known: readonly KnownLine[], now: number): readonly Warning[] {
  const { headline, attribution } = typed;
  if (headline === '') return [];
  const text = comparisonText(headline);
  const length = graphemes(headline).length;
  // The whole line, since a word before a colon looks like an agency.
  const whole = comparisonText(`${attribution ?? ''} ${headline}`);
  const word = testWords.map(comparisonText).find((test) => ` ${whole} `.includes(` ${test} `));
  const slot = /\[[^\]]{0,40}\]|\bXX+\b|\?\?\?/.exec(headline)?.[0];
  return [
    ...(word === undefined ? [] : [{ type: 'test word', word } as const]),
    ...(slot === undefined ? [] : [{ type: 'unfilled', slot } as const]),
    ...duplicates(text, known, now),
    ...(attribution === undefined ? [{ type: 'unsourced' } as const] : []),
    ...(length > amberAt ? [{ type: 'too long', length, cutAt } as const] : []),
  ];
}

/** The most similar line of the last hour, if it is similar enough. */
function duplicates(text: string, known: readonly KnownLine[], now: number): readonly Warning[] {
  if (text.length < shortest) return [];
  let best: { readonly line: KnownLine; readonly similarity: number } | null = null;
  for (const line of known) {
    if (now - line.at > windowMs) continue;
    const similarity = similarityOf(text, comparisonText(line.body.headline));
    if (similarity >= similarFrom && similarity > (best?.similarity ?? 0)) best = { line, similarity };
  }
  if (!best) return [];
  const { edition, body, at } = best.line;
  const minutesAgo = Math.max(0, Math.round((now - at) / 60_000));
  return [{ type: 'duplicate', line: body.headline, edition, minutesAgo }];
}

const dice = CmpStr.create({ metric: 'dice' });

/** From 0 to 1: the share of common letter pairs (Sørensen and Dice), which ignores the order of words. */
function similarityOf(one: string, other: string): number {
  if (one === other) return 1;
  return dice.compare(one, other);
}
