import { type Clock, lineOf, type ReceivedFrame } from '../../client/index.ts';
import type { Strings } from '../strings/strings.ts';

/** A screen reader is told at most this often; what comes faster is told together. */
const pauseMs = 4_000;
/** In a burst, the newest few: a reader can always go to the list. */
const mostLines = 3;

interface Announcement {
  readonly id: string;
  readonly text: string;
}

/**
 * Turns new, corrected and withdrawn items into short announcements, never faster than one can listen. What an item no
 * longer says is taken out at once, from what waits and from what has been said: a retracted line stays nowhere.
 */
export class Announcer {
  readonly #clock: Clock;
  readonly #strings: Strings;
  readonly #say: (text: string) => void;
  #waiting: readonly Announcement[] = [];
  #said: readonly Announcement[] = [];
  #cancel: (() => void) | null = null;
  #quietUntil = 0;

  constructor(clock: Clock, strings: Strings, say: (text: string) => void) {
    this.#clock = clock;
    this.#strings = strings;
    this.#say = say;
  }

  hear(frame: ReceivedFrame): void {
    if (frame.type === 'snapshot') this.#forget(() => true);
    if (frame.type !== 'item' && frame.type !== 'removal') return;
    const id = frame.type === 'item' ? frame.item.id : frame.id;
    this.#forget((announcement) => announcement.id === id);
    const text = this.#textOf(frame);
    if (text === null) return;
    this.#waiting = [{ id, text }, ...this.#waiting].slice(0, mostLines);
    this.#cancel ??= this.#clock.after(Math.max(0, this.#quietUntil - this.#clock.now()), () => this.#speak());
  }

  close(): void {
    this.#cancel?.();
  }

  #speak(): void {
    this.#cancel = null;
    if (this.#waiting.length === 0) return;
    this.#quietUntil = this.#clock.now() + pauseMs;
    this.#said = this.#waiting;
    this.#waiting = [];
    this.#say(this.#said.map((announcement) => announcement.text).join('. '));
  }

  #forget(isGone: (announcement: Announcement) => boolean): void {
    this.#waiting = this.#waiting.filter((announcement) => !isGone(announcement));
    if (!this.#said.some(isGone)) return;
    this.#said = [];
    this.#say('');
  }

  #textOf(frame: ReceivedFrame): string | null {
    if (frame.type === 'removal')
      return frame.notice === undefined ? null : `${this.#strings.withdrawn}: ${frame.notice}`;
    if (frame.type !== 'item' || frame.item.status !== 'usable') return null;
    if (frame.change === 'new') return `${this.#strings.urgency[frame.item.urgency]}: ${lineOf(frame.item)}`;
    return frame.change === 'corrected' ? `${this.#strings.corrected}: ${lineOf(frame.item)}` : null;
  }
}
