import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Counted, fill, fillCounted } from '../../strings/message.ts';
import { type Strings, stringsOf } from '../../strings/strings.ts';

/** The texts of the desk in one language. */
export type DeskWords = Strings<'desk'>;

/** The labels of buttons. In the rehearsal they are the same words, since it trains the hands, with TEST in front. */
export type Verbs = DeskWords['verbs'];

/** The texts of the desk, the labels of the current store, and a way to fill in values. */
export interface Wording {
  readonly words: DeskWords;
  readonly verbs: Verbs;
  readonly isTest: boolean;
  /** Fills the places of a text. A text that agrees with a number takes that number as `count`. */
  say(text: string, values: Readonly<Record<string, string | number>>): string;
  say(text: Counted, values: Readonly<Record<string, string | number>> & { readonly count: number }): string;
}

export function wordingOf(words: DeskWords, isTest: boolean): Wording {
  return {
    words,
    verbs: isTest ? testVerbs(words) : words.verbs,
    isTest,
    say: (text: string | Counted, values: Readonly<Record<string, string | number>>) =>
      typeof text === 'string'
        ? fill(text, values)
        : fillCounted(text, words.language, Number(values['count']), values),
  };
}

export const WordingContext = createContext<Wording>(wordingOf(stringsOf('desk', 'en'), false));

export function useWords(): Wording {
  return useContext(WordingContext);
}

function testVerbs({ verbs, endRehearsal }: DeskWords): Verbs {
  const marked = Object.entries({ ...verbs, switchOver: endRehearsal }).map(([name, text]) => [
    name,
    tested(text, true),
  ]);
  return Object.fromEntries(marked) as Verbs;
}

/** A name keeps its own direction inside a sentence (FSI, PDI). */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** A button that both stores have says TEST in the rehearsal. */
export function tested(text: string, isTest: boolean): string {
  return isTest ? `TEST: ${text}` : text;
}
