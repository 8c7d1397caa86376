import { type Clock, lineOf, type ReceivedFrame } from '../../client/index.ts';
import type { ReceivedItem, ReceivedRemoval } from '../../protocol/frame-parse.ts';
import type { Strings } from '../strings/strings.ts';
import { isFlash } from './line.tsx';

/** At most one announcement in this time; faster news is announced together. */
const pauseMs = 4_000;
/** In a burst only the newest are read out. The rest is in the list. */
const mostLines = 3;

interface Announcement {
  readonly id: string;
  readonly text: string;
  readonly isUrgent: boolean;
}

/**
 * Turns new, corrected and withdrawn items into short announcements, no faster than a listener can follow. Only a flash
 * interrupts. Items that a reader missed are counted, not read out, except withdrawals. A retracted line is removed at once
 * from waiting and from current announcements.
 */
export class Announcer {
  readonly #clock: Clock;
  readonly #strings: Strings<'ticker'>;
  readonly #say: (text: string, isUrgent: boolean) => void;
  #waiting: readonly Announcement[] = [];
  #said: readonly Announcement[] = [];
  #cancel: (() => void) | null = null;
  #quietUntil = 0;
  /** The frames of a resume that have not arrived yet, and the number of new lines among those that have. */
  #missing = 0;
  #missed = 0;

  constructor(clock: Clock, strings: Strings<'ticker'>, say: (text: string, isUrgent: boolean) => void) {
    this.#clock = clock;
    this.#strings = strings;
    this.#say = say;
  }

  hear(frame: ReceivedFrame): void {
    if (frame.type === 'snapshot') this.#forget(() => true);
    if (frame.type === 'resumed') {
      this.#missing = frame.missed;
      this.#missed = 0;
    }
    if (frame.type !== 'item' && frame.type !== 'removal') return;
    const { id } = frame.type === 'item' ? frame.item : frame;
    this.#forget((announcement) => announcement.id === id);
    const isNew = frame.type === 'item' && frame.change === 'new';
    const isMissed = this.#missing > 0;
    if (frame.type === 'removal' || !isMissed) this.#queue(id, this.#textOf(frame), isNew && isFlash(frame.item));
    if (!isMissed) return;
    if (isNew) this.#missed++;
    if (--this.#missing === 0 && this.#missed > 0)
      this.#queue('', this.#strings.missed.replace('{count}', String(this.#missed)), false);
  }

  close(): void {
    this.#cancel?.();
  }

  #queue(id: string, text: string | null, isUrgent: boolean): void {
    if (!text) return;
    this.#waiting = [{ id, text, isUrgent }, ...this.#waiting].slice(0, mostLines);
    if (isUrgent) this.#speak();
    else this.#plan();
  }

  #plan(): void {
    this.#cancel ??= this.#clock.after(Math.max(0, this.#quietUntil - this.#clock.now()), () => this.#speak());
  }

  /** A flash is announced alone; the others follow. */
  #speak(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#waiting.length === 0) return;
    const isUrgent = this.#waiting.some((announcement) => announcement.isUrgent);
    this.#said = this.#waiting.filter((announcement) => announcement.isUrgent === isUrgent);
    this.#waiting = this.#waiting.filter((announcement) => announcement.isUrgent !== isUrgent);
    this.#quietUntil = this.#clock.now() + pauseMs;
    if (this.#waiting.length > 0) this.#plan();
    this.#say(this.#said.map((announcement) => announcement.text).join('. '), isUrgent);
  }

  #forget(isGone: (announcement: Announcement) => boolean): void {
    this.#waiting = this.#waiting.filter((announcement) => !isGone(announcement));
    if (!this.#said.some(isGone)) return;
    this.#said = [];
    this.#say('', false);
  }

  /** Null if there is nothing to say: an item that was withdrawn without a notice, or a change that is no correction. */
  #textOf(frame: ReceivedItem | ReceivedRemoval): string | null {
    const { withdrawn, corrected, urgency } = this.#strings;
    if (frame.type === 'removal') return frame.notice === undefined ? null : `${withdrawn}: ${frame.notice}`;
    const { item, change } = frame;
    if (item.status !== 'usable' || !/^(new|corrected)$/.test(change)) return null;
    return `${change === 'new' ? urgency[item.urgency] : corrected}: ${lineOf(item)}`;
  }
}
