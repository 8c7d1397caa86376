import en from '../strings/en.json' with { type: 'json' };
import type { Strings } from '../strings/strings.ts';

/** The texts of a ticker. */
export type TickerStrings = Strings<'ticker'>;

/** The style of an edition, from `/site.json` of its server. */
export interface EditionStyle {
  readonly id: string;
  readonly language: string;
  readonly timeZone: string;
  readonly numerals: string;
  /** Not from a server of an earlier release. */
  readonly maxAgeHours?: number;
  readonly flashMinutes?: number;
  /** Those of the site. */
  readonly colors?: { readonly flash?: { readonly background: string; readonly text: string } } | undefined;
  /** In the edition's language; a server of an earlier release sends none. */
  readonly strings?: TickerStrings;
}

/** The only texts in this script: those of other languages come from the server. */
export const english = { language: en.language, dir: en.dir, ...en.ticker } as TickerStrings;

/** The edition, with the texts of `language` if it is another one. Null when the server does not answer. */
export async function fetchEdition(server: string, id: string, language: string | null): Promise<EditionStyle | null> {
  const read = (path: string) =>
    fetch(server + path, { credentials: 'omit' })
      .then((response) => (response.ok ? response.json() : null))
      .catch(() => null);
  const site: { readonly editions?: readonly EditionStyle[] } & Pick<EditionStyle, 'colors'> =
    (await read('/site.json')) ?? {};
  const edition = site.editions?.find((edition) => edition.id === id);
  if (!edition) return null;
  const isOther = language !== null && language !== edition.language;
  const strings = (isOther && (await read(`/strings/${language}.json`))) || edition.strings;
  return { ...edition, colors: site.colors, strings };
}

/** The attributes that narrow a feed, and those that replace a style of the edition. */
export const filterNames = ['section', 'region', 'topic', 'urgency'] as const;
export const styleNames = ['lang', 'time-zone', 'numerals'] as const;

/** The texts that a page may set, by `label-` and their name. */
export const labels = ['title', 'empty', 'all'] as const;

export function ownWords(ticker: HTMLElement): Partial<TickerStrings> {
  return Object.fromEntries(
    labels.flatMap((name) => {
      const text = ticker.getAttribute(`label-${name}`);
      return text ? [[name, text]] : [];
    }),
  );
}
