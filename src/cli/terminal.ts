/** Where a command prints; each call ends with a new line. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this program. */
  readonly version: string;
  out(line: string): void;
  err(line: string): void;
}

/**
 * Controls (escapes, C1), line breaks, what reorders the text around it, deprecated format characters. The marks that right-to-left writing
 * needs stay, as in item/text.ts.
 */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u206A-\u206F\uFFF9-\uFFFB]+/gu;

/** A line in which what is filled in was written by others (a desk, a server, a file): it stays one line, and no terminal obeys it. */
export function plain(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => String(value).replace(obeyed, ' ')));
}

/** The same data as JSON.stringify writes, which escapes C0 alone. */
export function jsonLine(data: unknown): string {
  return JSON.stringify(data).replace(obeyed, (found) =>
    [...found].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}
