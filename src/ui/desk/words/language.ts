import { languageOf } from '../../strings/strings.ts';
import { read, write } from '../browser/memory.ts';
import type { DeskWords } from './words.ts';

const key = 'flashwire-desk-language';

/** The language chosen in this browser, else the browser's first language that the desk has, else English. */
export function preferredLanguage(storage: Storage | null, browser: readonly string[]): string {
  const { language: chosen } = read(storage, key);
  const tags = [...(typeof chosen === 'string' ? [chosen] : []), ...browser];
  return tags.map((tag) => languageOf('notices', tag)).find((language) => language !== undefined) ?? 'en';
}

/** The texts of the desk; null if the server does not send them. The desk's script contains those of English, as a fallback. */
export async function fetchWords(language: string): Promise<DeskWords | null> {
  try {
    const response = await fetch(`/desk.strings.${language}.json`);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

export function rememberLanguage(storage: Storage | null, language: string): void {
  write(storage, key, { language });
}

/** What all windows share and what each has of its own; null where a page may not have any. */
export function storesOf(owner: Window): { readonly shared: Storage | null; readonly own: Storage | null } {
  try {
    return { shared: owner.localStorage, own: owner.sessionStorage };
  } catch {
    return { shared: null, own: null };
  }
}

/** The browser's storage; null where a page may not have any. */
export function storageOf(owner: { readonly localStorage: Storage }): Storage | null {
  try {
    return owner.localStorage;
  } catch {
    return null;
  }
}
