import { arPages } from './ar.ts';
import { enPages } from './en.ts';
import { esPages } from './es.ts';
import type { PageStrings } from './strings.ts';

/** The strings of the pages for a language tag (`ar-EG` is `ar`); English where there are none. */
export function pageStringsOf(language: string): PageStrings {
  switch (language.toLowerCase().split('-')[0]) {
    case 'ar':
      return arPages;
    case 'es':
      return esPages;
    default:
      return enPages;
  }
}
