/** Letters of languages that are written in several scripts, and the codes that Unicode has no script property for. */
const scripts: Readonly<Record<string, readonly string[]>> = {
  Aran: ['Arab'],
  Hanb: ['Hani', 'Bopo'],
  Hans: ['Hani'],
  Hant: ['Hani'],
  Jpan: ['Hani', 'Hira', 'Kana'],
  Kore: ['Hang', 'Hani'],
  Latf: ['Latn'],
  Latg: ['Latn'],
};

/** The script that a language is written in (ISO 15924, such as `Arab`), from its BCP 47 tag; null if it is unknown. */
export function scriptOf(language: string): string | null {
  try {
    return new Intl.Locale(language).maximize().script ?? null;
  } catch {
    return null; // a RangeError: not a tag
  }
}

/**
 * Whether most letters of a text belong to another script than that of the language. Digits, marks and letters that several
 * scripts share do not count. False if the script is unknown.
 */
export function isMostlyInOtherScript(text: string, language: string): boolean {
  const script = scriptOf(language);
  const letters = script === null ? null : lettersOf(script);
  if (letters === null) return false;
  const own = text.match(letters)?.length ?? 0;
  const all = text.match(/(?!\p{sc=Zyyy})\p{L}/gu)?.length ?? 0;
  return all > 2 * own;
}

function lettersOf(script: string): RegExp | null {
  const names = scripts[script] ?? [script];
  try {
    return new RegExp(`(?=\\p{L})[${names.map((name) => `\\p{sc=${name}}`).join('')}]`, 'gu');
  } catch {
    return null; // a SyntaxError: no property of this engine's Unicode version
  }
}
