import { describe, expect, test } from 'vitest';
import en from '../../../src/ui/strings/en.json' with { type: 'json' };
import { shipped } from '../../../src/ui/strings/shipped.ts';
import { stringsOf } from '../../../src/ui/strings/strings.ts';
import { parseStrings, stringsJsonSchema } from '../../../src/ui/strings/strings-schema.ts';

type Texts = { [name: string]: string | Texts };

/** A copy of English as that of a language with the plural categories of English, with changes by path; null leaves out. */
function copyOf(language: string, changes: Readonly<Record<string, unknown>> = {}): Texts {
  const texts: Texts = { ...structuredClone(en), language };
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let at = texts;
    for (const name of names) at = at[name] as Texts;
    if (value === null) delete at[last];
    else at[last] = value as string;
  }
  return texts;
}

const faultOf = (json: unknown, tag: string) => {
  try {
    return parseStrings(json, tag);
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
};

describe('the strings of an operator', () => {
  test('a whole translation is a language', () => {
    const title = 'Nieuws';
    expect(faultOf(copyOf('nl', { 'ticker.title': title }), 'nl')).toMatchObject({ language: 'nl', ticker: { title } });
    expect(faultOf(copyOf('nl', { $schema: './strings.schema.json' }), 'nl')).not.toHaveProperty('$schema');
  });

  test.each([
    ['a missing text', { 'pages.latest': null }, 'pages.latest: is missing: it must be a text'],
    ['a missing group', { notices: null }, 'notices: is missing: it must be an object, such as {"name": "value"}'],
    ['a text that is none', { 'pages.latest': 7 }, 'pages.latest: must be a text, not a number'],
    ['an empty text', { 'pages.latest': ' ' }, 'pages.latest: must not be empty'],
    ['an unknown key', { 'pages.newest2': 'x' }, 'pages.newest2: is not a known field'],
    ['another language', { language: 'de' }, 'language: must be nl'],
    ['another direction', { dir: 'up' }, 'dir: must be one of ltr, rtl'],
    [
      'a wrong placeholder',
      { 'notices.withdrawn': 'Om {tijd}' },
      'notices.withdrawn: must have the placeholder {time} and no other',
    ],
    [
      'a lost placeholder',
      { 'notices.withdrawn': 'Weg' },
      'notices.withdrawn: must have the placeholder {time} and no other',
    ],
    ['a placeholder too many', { 'ticker.title': '{time}' }, 'ticker.title: must have no placeholder'],
    [
      'a missing plural category',
      { 'desk.reach.silent.one': null },
      'desk.reach.silent.one: is missing: it must be a text',
    ],
    [
      'a category that is not of the language',
      { 'desk.reach.silent.few': 'x' },
      'desk.reach.silent.few: is not a known field',
    ],
    [
      'a wrong placeholder in a plural',
      { 'desk.fuse.flashes.other': '{count} in {editie}' },
      'desk.fuse.flashes.other: must have the placeholders {count}, {edition} and no other',
    ],
  ])('%s is named with its key', (_, changes, fault) => {
    expect(faultOf(copyOf('nl', changes), 'nl')).toBe(fault);
  });

  test('a language with more plural categories needs a text for each', () => {
    expect(faultOf(copyOf('pl'), 'pl')).toMatch(/^[a-zA-Z.]+\.few: is missing: .*; and \d+ more$/);
  });

  test('many faults are a short line', () => {
    expect(faultOf({ language: 'nl', dir: 'ltr', ticker: {} }, 'nl')).toMatch(/^.{1,700}; and \d+ more$/);
    expect(faultOf([], 'nl')).toBe('file: must be an object, such as {"name": "value"}, not a list');
  });

  test('a part of a language that ships takes the rest from it, whole plurals included', () => {
    const part = { ticker: { title: 'Alerte' }, desk: { reach: { silent: { one: '{count} muet' } } } };
    expect(faultOf(part, 'fr')).toMatchObject({
      language: 'fr',
      dir: 'ltr',
      ticker: { title: 'Alerte', hide: stringsOf('ticker', 'fr').hide },
      desk: { reach: { silent: { one: '{count} muet', other: stringsOf('desk', 'fr').reach.silent.other } } },
    });
    expect(faultOf({ ticker: { title: 'أخبار' } }, 'ar-LB')).toMatchObject({
      language: 'ar-LB',
      dir: 'rtl',
      ticker: { title: 'أخبار', hide: stringsOf('ticker', 'ar').hide },
    });
    expect(faultOf({ ticker: { titel: 'x' } }, 'fr')).toBe('ticker.titel: is not a known field');
  });

  test('the JSON schema for text editors knows every text, whatever the plural categories of a language', () => {
    const part = { properties: { title: { type: 'string' } }, additionalProperties: false };
    expect(stringsJsonSchema()).toMatchObject({ properties: { ticker: part }, additionalProperties: false });
    const text = JSON.stringify(stringsJsonSchema());
    for (const name of ['zero', 'two', 'noUpdates', 'let-go']) expect(text).toContain(`"${name}":{"type":"string"`);
    expect(text).not.toContain('"required"');
  });

  test.each(shipped)('the strings of $language that ship are complete', (texts) => {
    expect(faultOf(texts, texts.language)).toEqual(texts);
  });
});
