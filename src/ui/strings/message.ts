/** A message that agrees with a number: one text for each plural category of its language. `other` stands in for the rest. */
export type Counted = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string };

type Values = Readonly<Record<string, string | number>>;

/** A text with its places filled in: `{name}` becomes the value of that name. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** The text for a number, which fills its place `{count}`. */
export function fillCounted(texts: Counted, language: string, count: number, values: Values = {}): string {
  const text = texts[new Intl.PluralRules(language).select(count)] ?? texts.other;
  return fill(text, { ...values, count: numberText(count, language) });
}

/** Latin digits for every language: figures of one desk are read by the other. */
export function numberText(count: number, language: string): string {
  return new Intl.NumberFormat(language, { numberingSystem: 'latn' }).format(count);
}
