/** A piece of XML whose parts are our own literals or escaped values. */
export class Xml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A template tag. Text is escaped once; pieces of XML and lists of them are inserted as they are. Quote attributes with ".
 */
export function xml(literals: TemplateStringsArray, ...values: readonly (string | Xml | readonly Xml[])[]): Xml {
  const parts = literals.map((literal, index) => literal + partOf(values[index] ?? '', literal.endsWith('="')));
  return new Xml(parts.join(''));
}

/** `xml:lang` when it differs from the feed's. */
export function langOf(language: string | undefined): Xml {
  return language === undefined ? xml`` : xml` xml:lang="${language}"`;
}

function partOf(value: string | Xml | readonly Xml[], isAttribute: boolean): string {
  if (typeof value === 'string') return escapeText(value, isAttribute);
  return value instanceof Xml ? value.text : value.map((part) => part.text).join('');
}

/**
 * Escapes as little as possible: some RSS readers show entities that they need not decode. Characters that XML 1.0 cannot
 * hold are removed.
 */
function escapeText(text: string, isAttribute: boolean): string {
  const escaped = text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
  return isAttribute ? escaped.replaceAll('"', '&quot;') : escaped.replaceAll(']]>', ']]&gt;');
}
