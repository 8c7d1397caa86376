import type { ItemBody } from '../../../item/item.ts';
import { comparisonText } from '../../../item/line/comparison-text.ts';
import type { TypedLine } from '../../../item/line/typed-line.ts';
import {
  type KnownLine as ComparedLine,
  type LineWarning,
  lineWarnings,
  pairsOf,
} from '../../../item/line/warnings.ts';
import { graphemes } from './graphemes.ts';

/** A warning about a line. It never blocks the line. */
export type Warning =
  | { readonly type: 'duplicate'; readonly line: string; readonly edition: string; readonly minutesAgo: number }
  | { readonly type: 'too long'; readonly length: number }
  | { readonly type: 'unsourced' }
  | { readonly type: 'wrong script' }
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
export const longAt = 150;

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

interface Surroundings {
  /** The language of the edition. */
  readonly language: string;
  readonly known: readonly KnownLine[];
  /** ms since 1970. */
  readonly now: number;
}

export function warningsOf(typed: TypedLine, { language, known, now }: Surroundings): readonly Warning[] {
  const { headline, attribution } = typed;
  if (headline === '') return [];
  const length = graphemes(headline).length;
  // The whole line, since a word before a colon looks like an agency.
  const whole = comparisonText(`${attribution ?? ''} ${headline}`);
  const word = testWords.map(comparisonText).find((test) => ` ${whole} `.includes(` ${test} `));
  const slot = /[[{][^\]}]{0,40}[\]}]|\bXX+\b|\?\?\?/.exec(headline)?.[0];
  const lines = known.map((line) => ({ ...line, pairs: pairsOf(line.body.headline) }));
  return [
    ...(word === undefined ? [] : [{ type: 'test word', word } as const]),
    ...(slot === undefined ? [] : [{ type: 'unfilled', slot } as const]),
    // The API gives the same warnings, to programs as well.
    ...lineWarnings(typed, { language, known: lines, now }).map(deskWarning),
    ...(length > amberAt ? [{ type: 'too long', length } as const] : []),
  ];
}

function deskWarning(warning: LineWarning<KnownLine & ComparedLine>): Warning {
  switch (warning.code) {
    case 'near-duplicate': {
      const { edition, body } = warning.line;
      return { type: 'duplicate', line: body.headline, edition, minutesAgo: warning.minutesAgo };
    }
    case 'missing-source':
      return { type: 'unsourced' };
    case 'wrong-script':
      return { type: 'wrong script' };
  }
}
