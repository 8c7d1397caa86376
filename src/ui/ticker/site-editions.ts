import en from '../strings/en.json' with { type: 'json' };
import type { Strings } from '../strings/strings.ts';
import { complain } from './mistakes.ts';

/** The texts of a ticker. */
export type TickerStrings = Strings<'ticker'>;

/** The style of an edition, from `/site.json` of its server. */
export interface EditionStyle {
  readonly id?: string;
  readonly language?: string;
  readonly timeZone?: string;
  readonly numerals?: string;
  /** Not from a server of an earlier release. */
  readonly maxAgeHours?: number;
  readonly flashMinutes?: number;
  /** Those of the site. */
  readonly colors?: { readonly flash?: { readonly background: string; readonly text: string } } | undefined;
  /** In the edition's language. */
  readonly strings: TickerStrings;
}

/** A server that has not answered for so long has no texts: lines do not wait for their style. */
const lateMs = 10_000;

interface Site {
  readonly editions?: readonly EditionStyle[];
  readonly colors?: EditionStyle['colors'];
}

/** The only texts in this script: those of other languages come from the server. */
const english = { language: en.language, dir: en.dir, ...en.ticker } as TickerStrings;

/**
 * The style of a ticker's edition, with texts in the language of its tag. A page of the same server says all of it in the tag. English
 * stands in for texts that are not there: all of them or, from a server of an earlier release, the newest.
 */
export async function learnEdition(ticker: HTMLElement, server: string, id: string): Promise<EditionStyle> {
  const wrong = (name: string) => (error: unknown) => complain(`${name}: ${error}`);
  const read = (path: string) =>
    Promise.race([
      new Promise((resolve) => setTimeout(resolve, lateMs)),
      fetch(server + path, { credentials: 'omit' }).then(
        (response) => response.ok && response.json().catch(wrong(path)),
        () => null,
      ),
    ]);
  const language = ticker.getAttribute('lang');
  const given = ticker.getAttribute('strings');
  const own = given && (await new Response(given).json().catch(wrong('strings')));
  const isStyled = own && styleNames.every((name) => ticker.hasAttribute(name));
  const { editions, colors } = ((!isStyled && (await read('/site.json'))) || {}) as Site;
  const edition = editions?.find((edition) => edition.id === id);
  const isOther = !own && language && language !== edition?.language;
  const strings = own || (isOther && (await read(`/strings/${language}.json`))) || edition?.strings;
  return { ...edition, colors, strings: { ...english, ...strings } };
}

/** The attributes that narrow a feed, and those that replace a style of the edition. */
export const filterNames = ['section', 'region', 'topic', 'urgency'] as const;
export const styleNames = ['lang', 'time-zone', 'numerals'] as const;

/** The texts that a page may set, by `label-` and their name. */
export const labels = ['title', 'empty', 'all'] as const;

export function withOwnWords(strings: TickerStrings, ticker: HTMLElement): TickerStrings {
  const own = { ...strings };
  for (const name of labels) own[name] = ticker.getAttribute(`label-${name}`) || own[name];
  return own;
}
