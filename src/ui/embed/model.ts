import type { Label } from '../pages/model.ts';
import type { EmbedSite } from './snippet.ts';

/** An edition, with what its ticker would otherwise ask the server for. */
export interface EmbedEdition extends Label {
  readonly language: string;
  readonly timeZone: string;
  readonly numerals: string;
}

export interface EmbedModel {
  readonly language: string;
  readonly edition: string;
  readonly editions: readonly EmbedEdition[];
  readonly sections: readonly Label[];
  readonly regions: readonly Label[];
  readonly site: EmbedSite;
}
