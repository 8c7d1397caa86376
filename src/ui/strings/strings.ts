import type { Direction } from '../../item/item.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };

type Language = typeof en;

/** Texts for one surface. A browser's script receives only the groups it needs (scripts/build-browser.mjs). */
export type Group = Exclude<keyof Language, 'language' | 'dir'>;

/** The texts of a group in one language. */
export type Strings<Name extends Group> = Language[Name] & { readonly language: string; readonly dir: Direction };

/** Every language that has a file here. A file may leave out a group: that group is in English then. */
const languages: readonly (Pick<Language, 'language' | 'dir'> & Partial<Language>)[] = [en, ar, es, fr];

/** The texts of a group for a language tag: those of `ar` for `ar-EG`, English where there are none. */
export function stringsOf<Name extends Group>(group: Name, tag: string): Strings<Name> {
  const { language, dir, ...texts } = languages.find((one) => one[group] && isIn(one, tag)) ?? en;
  return { language, dir, ...texts[group] } as Strings<Name>;
}

/** The language whose texts of a group a tag gets; undefined where there are none. */
export function languageOf(group: Group, tag: string): string | undefined {
  return languages.find((one) => one[group] && isIn(one, tag))?.language;
}

/** The languages that have a group, English first. */
export function languagesOf(group: Group): readonly string[] {
  return languages.filter((one) => one[group]).map(({ language }) => language);
}

/** What readers see in place of a retracted item, with `{time}`; undefined in a language that has no such text. */
export function noticeIn(tag: string): string | undefined {
  return languages.find((one) => isIn(one, tag))?.notices?.withdrawn;
}

function isIn({ language }: Pick<Language, 'language'>, tag: string): boolean {
  return tag.toLowerCase().split('-')[0] === language;
}
