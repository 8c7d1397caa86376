import { type Clock, lineOf, type ReceivedFrame } from '../../client/index.ts';
import type { Strings } from '../strings/strings.ts';

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
    const id = frame.type === 'item' ? frame.item.id : frame.id;
    this.#forget((announcement) => announcement.id === id);
    const announcement = this.#announcementOf(frame, id);
    if (this.#missing === 0) this.#queue(announcement);
    else this.#catchUp(frame, announcement);
  }

  close(): void {
    this.#cancel?.();
  }

  #catchUp(frame: ReceivedFrame, announcement: Announcement | null): void {
    if (frame.type === 'removal') this.#queue(announcement);
    else if (frame.type === 'item' && frame.change === 'new') this.#missed++;
    this.#missing--;
    if (this.#missing > 0 || this.#missed === 0) return;
    this.#queue({ id: '', text: this.#strings.missed.replace('{count}', String(this.#missed)), isUrgent: false });
  }

  #queue(announcement: Announcement | null): void {
    if (!announcement) return;
    this.#waiting = [announcement, ...this.#waiting].slice(0, mostLines);
    if (announcement.isUrgent) this.#speak();
    else this.#cancel ??= this.#clock.after(Math.max(0, this.#quietUntil - this.#clock.now()), () => this.#speak());
  }

  /** A flash is announced alone; the others follow. */
  #speak(): void {
    this.#cancel?.();
    this.#cancel = null;
    const isUrgent = this.#waiting.some((announcement) => announcement.isUrgent);
    const now = this.#waiting.filter((announcement) => announcement.isUrgent === isUrgent);
    if (now.length === 0) return;
    this.#waiting = this.#waiting.filter((announcement) => !now.includes(announcement));
    this.#said = now;
    this.#quietUntil = this.#clock.now() + pauseMs;
    if (this.#waiting.length > 0) this.#cancel = this.#clock.after(pauseMs, () => this.#speak());
    this.#say(now.map((announcement) => announcement.text).join('. '), isUrgent);
  }

  #forget(isGone: (announcement: Announcement) => boolean): void {
    this.#waiting = this.#waiting.filter((announcement) => !isGone(announcement));
    if (!this.#said.some(isGone)) return;
    this.#said = [];
    this.#say('', false);
  }

  #announcementOf(frame: ReceivedFrame, id: string): Announcement | null {
    const strings = this.#strings;
    if (frame.type === 'removal')
      return frame.notice === undefined ? null : { id, text: `${strings.withdrawn}: ${frame.notice}`, isUrgent: false };
    if (frame.type !== 'item' || frame.item.status !== 'usable') return null;
    const { urgency } = frame.item;
    if (frame.change === 'new')
      return { id, text: `${strings.urgency[urgency]}: ${lineOf(frame.item)}`, isUrgent: urgency === 'flash' };
    return frame.change === 'corrected'
      ? { id, text: `${strings.corrected}: ${lineOf(frame.item)}`, isUrgent: false }
      : null;
  }
}
