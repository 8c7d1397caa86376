/** The output of a command; each call prints one line. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The version of this program. */
  readonly version: string;
  out(line: string): void;
  err(line: string): void;
}

/**
 * Control characters (escapes, C1), line breaks, characters that reorder the text around them, deprecated format characters. The marks
 * of right-to-left text are allowed, as in item/text.ts.
 */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u206A-\u206F\uFFF9-\uFFFB]+/gu;

/** A line with values from other sources (an API, a file): it stays one line, and no value controls the terminal. */
export function plain(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => String(value).replace(obeyed, ' ')));
}

/** JSON.stringify escapes only C0; this also escapes the other characters. */
export function jsonLine(data: unknown): string {
  return JSON.stringify(data).replace(obeyed, (text) =>
    [...text].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}
