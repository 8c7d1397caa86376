import { ar } from './ar.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import type { Strings } from './strings.ts';

/** The ticker's strings for a language tag (`ar-EG` is `ar`); English where there are none. */
export function stringsOf(language: string): Strings {
  switch (language.toLowerCase().split('-')[0]) {
    case 'ar':
      return ar;
    case 'es':
      return es;
    default:
      return en;
  }
}
