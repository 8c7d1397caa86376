import { z } from 'zod';
import { parseWithFaults } from '../../item/fault-text.ts';
import { directions } from '../../item/item.ts';
import en from './en.json' with { type: 'json' };
import { knownStrings, type LanguageStrings } from './strings.ts';

interface Texts {
  readonly [name: string]: string | Texts;
}

/** More of them are one mistake, such as a file that was left half done. */
const mostFaults = 5;

/**
 * Parses the strings of the language `tag`. Those of a known language, or of a variety of one, take what they leave out from
 * it; those of another language must be complete. Throws an Error that names the faults in one line.
 */
export function parseStrings(json: unknown, tag: string): LanguageStrings {
  const base = knownStrings(tag);
  const schema = schemaOf(tag, base === undefined);
  const result = parseWithFaults(schema, json);
  if (!result.ok) {
    const faults = result.faults.map(({ path, detail }) => `${path.join('.') || 'file'}: ${detail}`);
    const more = faults.length > mostFaults ? [`and ${faults.length - mostFaults} more`] : [];
    throw new Error([...faults.slice(0, mostFaults), ...more].join('; '));
  }
  return { ...merged({ ...en }, { ...base }, result.value as Texts), language: tag } as LanguageStrings;
}

/** strings.schema.json of the build, for text editors: names and types of the texts, which depend on no language. */
export function stringsJsonSchema(): object {
  return z.toJSONSchema(documentOf(z.string(), ['zero', 'one', 'two', 'few', 'many', 'other'], false));
}

function schemaOf(tag: string, isWhole: boolean) {
  return documentOf(z.literal(tag), new Intl.PluralRules(tag).resolvedOptions().pluralCategories, isWhole);
}

function documentOf(tag: z.ZodType, categories: readonly string[], isWhole: boolean) {
  const { language, dir, ...groups } = en;
  const given = (schema: z.ZodType) => (isWhole ? schema : schema.optional());
  return z.strictObject({
    $schema: z.string().optional(),
    language: given(tag),
    dir: given(z.enum(directions)),
    ...shapeOf(groups, categories, isWhole),
  });
}

/** The shape of English, with the plural categories of a language. */
function shapeOf(english: Texts, categories: readonly string[], isWhole: boolean): Record<string, z.ZodType> {
  const entries = Object.entries(english).map(([name, value]): [string, z.ZodType] => {
    const schema = typeof value === 'string' ? message(placesIn(value)) : z.strictObject(inside(value));
    return [name, isWhole ? schema : schema.optional()];
  });
  return Object.fromEntries(entries);

  function inside(value: Texts): Record<string, z.ZodType> {
    if (!isCounted(value)) return shapeOf(value, categories, isWhole);
    const places = placesIn(value.other);
    const all = categories.map((category): [string, z.ZodType] => {
      const schema = category === 'other' ? message(places) : message([], places);
      return [category, isWhole ? schema : schema.optional()];
    });
    return Object.fromEntries(all);
  }
}

/** A text with these places, and perhaps some others: "one line" need not say its number. */
function message(must: readonly string[], may: readonly string[] = must): z.ZodType {
  const isRight = (text: string) => {
    const places = placesIn(text);
    return must.every((place) => places.includes(place)) && places.every((place) => may.includes(place));
  };
  const names = `the placeholder${may.length === 1 ? '' : 's'} ${may.join(', ')}`;
  const rule = must.length > 0 ? `must have ${names} and no other` : `may have ${names} and no other`;
  return z
    .string()
    .regex(/\S/, 'must not be empty')
    .refine(isRight, may.length > 0 ? rule : 'must have no placeholder');
}

function placesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\{\w+\}/g))];
}

function isCounted(value: Texts): value is Texts & { readonly other: string } {
  return typeof value['other'] === 'string';
}

/** In the order of English, so that equal texts are equal JSON. */
function merged(english: Texts, base: Texts, own: Texts): Texts {
  if (isCounted(english)) return { ...base, ...own };
  const entries = Object.keys(english).map((name): [string, string | Texts] => {
    const [ours, theirs, known] = [own[name], base[name], english[name]];
    if (typeof known === 'string' || known === undefined) return [name, (ours ?? theirs ?? '') as string];
    return [name, merged(known, (theirs ?? {}) as Texts, (ours ?? {}) as Texts)];
  });
  return Object.fromEntries(entries);
}
