import { languagesOf, stringsOf } from '../../strings/strings.ts';
import { read, write } from '../browser/memory.ts';
import type { DeskWords } from './words.ts';

export const deskLanguages = languagesOf('desk');

const key = 'flashwire-desk-language';

/** The language chosen in this browser, else the browser's first language that the desk has, else English. */
export function preferredLanguage(storage: Storage | null, browser: readonly string[]): DeskWords {
  const { language: chosen } = read(storage, key);
  const tags = [...(typeof chosen === 'string' ? [chosen] : []), ...browser];
  const tag = tags.find((one) => deskLanguages.includes(one.toLowerCase().split('-')[0] ?? ''));
  return stringsOf('desk', tag ?? 'en');
}

export function rememberLanguage(storage: Storage | null, language: string): void {
  write(storage, key, { language });
}

/** The browser's storage; null where a page may not have any. */
export function storageOf(owner: { readonly localStorage: Storage }): Storage | null {
  try {
    return owner.localStorage;
  } catch {
    return null;
  }
}
