/** Rules of one-line public text. Pure; the desk page runs the same code while an editor types. */

export interface TextLimits {
  readonly graphemes: number;
  readonly bytes: number;
}

export const headlineLimits: TextLimits = { graphemes: 280, bytes: 1_120 };
export const attributionLimits: TextLimits = { graphemes: 80, bytes: 320 };
export const noteLimits: TextLimits = { graphemes: 280, bytes: 1_120 };
/** Of one paragraph, and of all paragraphs of an item together. */
export const paragraphLimits: TextLimits = { graphemes: 2_000, bytes: 8_000 };
export const linkTextLimits: TextLimits = { graphemes: 120, bytes: 480 };
export const quoteLimits: TextLimits = { graphemes: 500, bytes: 2_000 };
export const altLimits: TextLimits = { graphemes: 280, bytes: 1_120 };
export const creditLimits: TextLimits = attributionLimits;

export type TextResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The text as readers will see it, or all its problems. It becomes NFC. Outer spaces, NBSP, tabs and BOMs are removed; a tab or
 * an NBSP inside becomes a space. Marks that right-to-left writing needs are kept: LRM, RLM, ALM, ZWNJ, ZWJ, tatweel, balanced
 * isolates. Never throws, and is idempotent.
 */
export function cleanText(raw: string, limits: TextLimits): TextResult {
  if (!raw.isWellFormed())
    return { ok: false, problems: ['has half of a surrogate pair; copy it again from its source'] };
  const trimmed = withoutOuterSpace(raw.replaceAll('\uFEFF', '').replace(/[\t\u00A0]/g, ' '));
  // Before any step whose cost could rise faster than the length. NFC shortens a text to two thirds of its bytes at most.
  if (trimmed.length > 2 * limits.bytes) return { ok: false, problems: [tooManyBytes(trimmed, limits)] };
  // Normalisation sorts a row of marks, at a cost that is the square of its length.
  if (/[\p{Mn}\p{Me}]{64}/u.test(trimmed)) return { ok: false, problems: [piledMarks] };
  const text = trimmed.normalize('NFC');
  // Of a line all problems are named; those of a long text that is refused anyway cost 20 ms to find.
  if (text.length > limits.bytes || (text.length > longText && bytesOf(text) > limits.bytes))
    return { ok: false, problems: [tooManyBytes(text, limits)] };
  const problems = rules.flatMap((rule) => rule(text, limits));
  return problems.length === 0 ? { ok: true, text } : { ok: false, problems };
}

const longText = 2_000;
const piledMarks = 'has more combining marks on one letter than any language writes';

/** The number of grapheme clusters: characters as readers count them. */
export function countGraphemes(text: string): number {
  return [...graphemes.segment(text)].length;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Without line breaks: these begin a second line and are refused anywhere in a text. */
const space = /\p{Zs}/u;

/** By hand, because a pattern for the end of a text has quadratic cost in the spaces inside it. */
function withoutOuterSpace(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && space.test(text.charAt(from))) from++;
  while (to > from && space.test(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

const lineBreaks = /[\n\r\v\f\u0085\u2028\u2029]/gu;

type Rule = (text: string, limits: TextLimits) => string[];

const rules: readonly Rule[] = [
  // A text of marks and zero-width characters only would be invisible.
  (text) => (/[^\p{Default_Ignorable_Code_Point}\p{Z}\p{M}\p{Cc}]/u.test(text) ? [] : ['is empty']),
  (text) => (text.search(lineBreaks) === -1 ? [] : ['has a line break; it must be one line']),
  (text) =>
    named(
      text,
      /[\u202A-\u202E]/gu,
      'reorders the text around it; use isolates (U+2066 to U+2068, then U+2069) instead',
    ),
  (text) => named(text.replace(lineBreaks, ''), otherControls, 'is a control character'),
  (text) => (hasStrayTag(text) ? ['has tag characters (U+E0000 to U+E007F) outside an emoji flag'] : []),
  (text) => (isBalanced(text) ? [] : ['has an isolate (U+2066 to U+2068) without its U+2069, or the other way round']),
  (text) => (hasPiledMarks(text) ? [piledMarks] : []),
  (text, { graphemes }) => {
    const count = countGraphemes(text);
    return count > graphemes ? [`has ${count} characters; at most ${graphemes}`] : [];
  },
  (text, limits) => (bytesOf(text) > limits.bytes ? [tooManyBytes(text, limits)] : []),
];

function tooManyBytes(text: string, { bytes }: TextLimits): string {
  return `has ${bytesOf(text)} bytes; at most ${bytes}`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** C0 and C1, the deprecated format controls, interlinear annotation, and noncharacters. */
const otherControls = /[\p{Cc}\u206A-\u206F\uFFF9-\uFFFB]|\p{Noncharacter_Code_Point}/gu;

function named(text: string, pattern: RegExp, why: string): string[] {
  const found = new Set(text.match(pattern) ?? []);
  return [...found].map((character) => `has ${codePointName(character)}, which ${why}`);
}

function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A flag such as that of Wales is U+1F3F4, tag characters, U+E007F; tag characters are allowed nowhere else. */
function hasStrayTag(text: string): boolean {
  return /[\u{E0000}-\u{E007F}]/u.test(text.replace(/\u{1F3F4}[\u{E0020}-\u{E007E}]{1,6}\u{E007F}/gu, ''));
}

function isBalanced(text: string): boolean {
  let open = 0;
  for (const character of text) {
    if (character >= '\u2066' && character <= '\u2068') open += 1;
    else if (character === '\u2069') open -= 1;
    if (open < 0) return false;
  }
  return open === 0;
}

/**
 * Whether a letter has more marks than any orthography gives one. Only marks without a width count (Mn, Me, Korean and musical
 * marks). Vowel signs beside their letter (Mc: Burmese, Kannada, Khmer ..) begin a new place. The text is decomposed, so that a
 * composed letter hides no mark, and without characters that are never drawn (joiners, variation selectors), so that these split
 * no pile.
 */
function hasPiledMarks(text: string): boolean {
  const drawn = text.replace(/\p{Default_Ignorable_Code_Point}/gu, '').normalize('NFD');
  return (drawn.match(/[\p{Mn}\p{Me}\u302E\u302F\u{1D165}-\u{1D172}]{3,}/gu) ?? []).some(isPile);
}

/**
 * One limit does not fit all scripts: pointed Hebrew needs five marks (a dot, a dagesh, a vowel, a meteg, an accent, each in its
 * own place), Burmese four in one place, but no language writes four accents above an `a`.
 */
function isPile(row: string): boolean {
  const all = [...row];
  const marks = all.filter((mark) => !tibetanLetterBelow.test(mark));
  if (marks.length > 5 || all.length - marks.length > 6) return true;
  // Diacritics of no particular script, which abuse is made of. Phonetic writing has four.
  if (marks.filter((mark) => generalMark.test(mark)).length > 4) return true;
  if (all.some((mark) => all.filter((other) => other === mark).length > 2)) return true;
  return all.some((mark, at) => at >= 3 && isSamePlace(all[at - 3] ?? '', mark, all.slice(at - 3, at + 1)));
}

/** Subjoined consonants are letters in fact: Sanskrit in Tibetan writing stacks up to six. */
const tibetanLetterBelow = /[\u0F90-\u0FBC]/u;
const generalMark = /[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]/u;

/**
 * Marks pile up if they have the same canonical combining class (Unicode 3.11). Normalisation sorts a row by class and keeps the
 * order of two marks of one class. Class 0 belongs to scripts that arrange their signs themselves; the other limits apply to it.
 */
function isSamePlace(first: string, last: string, row: readonly string[]): boolean {
  return !row.some(hasClassZero) && (last + first).normalize('NFD') === last + first;
}

/** U+0345 has the highest class: normalisation puts every mark in front of it, except one of class 0. */
function hasClassZero(mark: string): boolean {
  return mark !== '\u0345' && `\u0345${mark}`.normalize('NFD') === `\u0345${mark}`;
}
