/** A piece of markup whose parts are either our own literals or escaped values. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A template tag. Text is escaped; pieces of markup and lists of them are inserted as they are. */
export function html(
  literals: TemplateStringsArray,
  ...values: readonly (string | Markup | readonly Markup[])[]
): Markup {
  const parts = literals.map((literal, index) => literal + markupOf(values[index] ?? ''));
  return new Markup(parts.join(''));
}

/** JSON for a data block in a page, escaped so that no text can end the block. */
export function jsonBlock(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

function markupOf(value: string | Markup | readonly Markup[]): string {
  if (typeof value === 'string') return escapeText(value);
  return value instanceof Markup ? value.text : value.map((part) => part.text).join('');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
