import { arEmbed } from './ar.ts';
import { enEmbed } from './en.ts';
import { esEmbed } from './es.ts';
import type { EmbedStrings } from './strings.ts';

/** The strings of the page for those who embed the ticker; English where there are none. */
export function embedStringsOf(language: string): EmbedStrings {
  switch (language.toLowerCase().split('-')[0]) {
    case 'ar':
      return arEmbed;
    case 'es':
      return esEmbed;
    default:
      return enEmbed;
  }
}
