import type { Direction } from '../../item/item.ts';
import en from './en.json' with { type: 'json' };
import { shipped } from './shipped.ts';

type Language = typeof en;

/** Texts for one surface. */
export type Group = Exclude<keyof Language, 'language' | 'dir'>;

/** The texts of a group in one language. */
export type Strings<Name extends Group> = Language[Name] & { readonly language: string; readonly dir: Direction };

/** A language, or the part of it that a page has. */
export type LanguageStrings = Pick<Language, 'language' | 'dir'> & Partial<Language>;

/**
 * Every language by its tag in small letters, English first. It is filled at the start, before anything is asked: on a server from
 * the operator's files, in a browser from the page (page-strings.ts).
 */
const languages = new Map<string, LanguageStrings>();
addStrings([en, ...shipped]);

/** Adds languages, or groups of them. What it returns takes them out again. */
export function addStrings(more: readonly LanguageStrings[]): () => void {
  const before = [...languages];
  for (const one of more) {
    const key = one.language.toLowerCase();
    languages.set(key, { ...languages.get(key), ...one });
  }
  return () => {
    languages.clear();
    for (const [key, strings] of before) languages.set(key, strings);
  };
}

/** The texts of a group for a language tag: those of `ar` for `ar-EG`, English where there are none. */
export function stringsOf<Name extends Group>(group: Name, tag: string): Strings<Name> {
  const { language, dir, ...texts } = find(group, tag) ?? find(group, 'en') ?? en;
  return { language, dir, ...texts[group] } as Strings<Name>;
}

/** The language whose texts of a group a tag gets; undefined where there are none. */
export function languageOf(group: Group, tag: string): string | undefined {
  return find(group, tag)?.language;
}

/** Every language, English first. */
export function languageTags(): readonly string[] {
  return [...languages.values()].map(({ language }) => language);
}

/** What readers see in place of a retracted item, with `{time}`; undefined in a language that has no such text. */
export function noticeIn(tag: string): string | undefined {
  return find('notices', tag)?.notices?.withdrawn;
}

/** The texts of the language that a tag gets; undefined where there are none. */
export function knownStrings(tag: string): LanguageStrings | undefined {
  return find('ticker', tag);
}

/** The most exact language: `zh-Hant` before `zh` for `zh-Hant-TW` (RFC 4647, 3.4). */
function find(group: Group, tag: string): LanguageStrings | undefined {
  for (let name = tag.toLowerCase(); name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('-')))) {
    const found = languages.get(name);
    if (found?.[group]) return found;
  }
  return undefined;
}
