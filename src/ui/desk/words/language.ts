import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { read, write } from '../browser/memory.ts';
import { ar } from './ar.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import type { DeskWords, Verbs } from './words.ts';

export const deskLanguages = [en, ar, es] as const;

/** What is said here, and what the buttons of this store are called. */
export interface Saying {
  readonly words: DeskWords;
  readonly verbs: Verbs;
  readonly isTest: boolean;
}

export const SayingContext = createContext<Saying>({ words: en, verbs: en.live, isTest: false });

export function useWords(): Saying {
  return useContext(SayingContext);
}

const key = 'flashwire-desk-language';

/** The language that was chosen in this browser; else the first of the browser's that the desk speaks; else English. */
export function preferredLanguage(storage: Storage | null, browser: readonly string[]): DeskWords {
  const chosen = read(storage, key)['language'];
  const tags = [...(typeof chosen === 'string' ? [chosen] : []), ...browser].map(
    (tag) => tag.toLowerCase().split('-')[0],
  );
  for (const tag of tags) {
    const found = deskLanguages.find(({ language }) => language === tag);
    if (found) return found;
  }
  return en;
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

/** A button that both stores have says TEST in the rehearsal. */
export function tested(text: string, isTest: boolean): string {
  return isTest ? `TEST: ${text}` : text;
}
