import type { Direction, Urgency } from '../../../item/item.ts';
import type { ItemState } from '../../../item/lifecycle.ts';

/** What a button does, in the words of one store. The rehearsal shares none of them with what is live. */
export interface Verbs {
  /** Across the page; empty where there is nothing to warn of. */
  readonly bar: string;
  readonly publish: string;
  readonly schedule: string;
  readonly sendFlash: string;
  readonly saveDraft: string;
  readonly correct: string;
  readonly edit: string;
  readonly sendCorrection: string;
  readonly save: string;
  readonly hide: string;
  readonly show: string;
  readonly retract: string;
  readonly retractForEver: string;
  readonly retractAndReplace: string;
  readonly cancel: string;
  readonly undo: string;
  readonly attach: string;
  readonly translate: string;
  readonly sendAgain: string;
  readonly switchOver: string;
}

/** Everything that the desk page says by itself, in one language. */
export interface DeskWords {
  readonly language: string;
  readonly dir: Direction;
  readonly title: string;
  readonly signIn: string;
  readonly signingIn: string;
  /** Asked before a link signs in another person than is signed in. */
  readonly signInInstead: (name: string, owner: string) => string;
  /** Asked before a link on a page of another site signs in. */
  readonly signInByLink: (owner: string) => string;
  readonly signOut: string;
  readonly yourKey: string;
  readonly httpsNeeded: string;
  readonly edition: string;
  readonly menu: string;
  readonly pageLanguage: string;
  readonly roles: Readonly<Record<string, string>>;
  readonly status: {
    proven(seconds: number): string;
    readonly unproven: string;
    readonly noAnswer: string;
    readonly noLog: string;
    readers(count: string): string;
  };
  readonly live: Verbs;
  readonly test: Verbs;
  readonly box: {
    newLine(edition: string): string;
    readonly replacement: string;
    translation(edition: string): string;
    readonly urgency: string;
    readonly urgencies: Readonly<Record<Urgency, string>>;
    readonly article: string;
    readonly articleHint: string;
    readonly filed: string;
    readonly filedHint: string;
    remove(name: string): string;
    readonly more: string;
    readonly notBefore: string;
    readonly until: string;
    zone(zone: string): string;
    readonly review: string;
    invisible(count: number): string;
    complete(name: string): string;
    readonly restored: string;
  };
  readonly review: {
    readonly title: string;
    readonly ticker: string;
    readonly livePage: string;
    audience(count: string, plural: Intl.LDMLPluralRule): string;
    readonly audienceUnknown: string;
    flashTo(count: string, plural: Intl.LDMLPluralRule): string;
    readonly firstFlash: string;
    sinceLast(time: string): string;
    readonly cut: string;
    readonly send: string;
    goesOut(time: string): string;
    readonly back: string;
  };
  readonly warnings: {
    duplicate(edition: string, minutes: number, line: string): string;
    'too long'(length: number, cutAt: number): string;
    readonly unsourced: string;
    'test word'(word: string): string;
    unfilled(slot: string): string;
  };
  readonly fuse: { ask(count: number): string; readonly goOn: string };
  readonly said: {
    readonly sending: string;
    readonly resending: string;
    published(line: string): string;
    queued(line: string): string;
    held(line: string): string;
    scheduled(line: string): string;
    draft(line: string): string;
    unsent(time: string): string;
    readonly unsentWhy: string;
    readonly discard: string;
  };
  readonly held: {
    readonly title: string;
    goesOut(name: string, seconds: number): string;
    undone(line: string): string;
    readonly tooLate: string;
  };
  readonly list: {
    readonly title: string;
    readonly filters: Readonly<Record<'all' | 'out' | 'waiting' | 'drafts' | 'hidden' | 'gone', string>>;
    readonly search: string;
    readonly older: string;
    readonly empty: string;
    readonly keys: string;
    readonly lettersOn: string;
    goesOutAt(time: string): string;
    leavesAt(time: string): string;
    readonly states: Readonly<Record<ItemState, string>>;
  };
  readonly reach: {
    on(done: string, all: string, seconds: string): string;
    off(done: string, all: string, seconds: string): string;
    waiting(count: string): string;
    silent(count: number): string;
    silentReaders(count: string, time: string): string;
    left(count: string): string;
    readonly proven: string;
    readonly unproven: string;
    clock(seconds: string): string;
    estimate(samples: string, ms: string): string;
  };
  readonly correct: {
    readonly line: string;
    readonly lineNotOut: string;
    readonly kind: string;
    readonly corrected: string;
    readonly refile: string;
    readonly attach: string;
    readonly note: string;
    readonly noteHint: string;
    readonly close: string;
  };
  readonly conflict: {
    title(name: string, version: number): string;
    readonly theirs: string;
    readonly mine: string;
    readonly takeTheirs: string;
    readonly sendMine: string;
  };
  readonly retract: { readonly reason: string; readonly notice: string; also(edition: string): string };
  readonly translate: {
    into(edition: string): string;
    from(edition: string, version: number): string;
    stale(version: number): string;
    readonly originalGone: string;
    of(edition: string, version: number): string;
    staleThere(edition: string, version: number): string;
  };
  readonly stop: { readonly pull: string; readonly letGo: string; pulled(name: string, time: string): string };
  readonly audit: {
    readonly title: string;
    readonly back: string;
    readonly export: string;
    readonly when: string;
    readonly who: string;
    readonly what: string;
    readonly item: string;
    readonly older: string;
    of(name: string, key: string): string;
  };
  readonly keys: Readonly<
    Record<
      | 'next'
      | 'previous'
      | 'hide'
      | 'correct'
      | 'retract'
      | 'attach'
      | 'translate'
      | 'help'
      | 'urgency'
      | 'saveDraft'
      | 'escape',
      string
    >
  >;
  readonly problem: { readonly refused: string; readonly noAnswer: string; readonly unknown: string };
}
