import { systemClock } from '../../client/clock.ts';
import type { PublicItem, ReceivedFrame } from '../../client/index.ts';
import { Announcer } from '../news/announcer.ts';
import type { LineStyle } from '../news/line.tsx';
import { Board, type Controls } from './board.tsx';
import type { Choices } from './choices.ts';
import { type HoldReason, watchReader } from './reader.ts';
import { arrange, currentOf, dismiss, readingMs, type Scene, type Stage, turn } from './stage.ts';

/** Times and ages are as exact as this. */
const tickMs = 10_000;

export type Limits = Pick<Scene, 'limit' | 'maxAgeMs' | 'flashMs'>;

interface ShowOptions {
  readonly style: LineStyle;
  readonly limits: Limits;
  readonly server: string;
  readonly edition: string;
  readonly choices: Choices;
  readonly isOpen: boolean;
  choose(change: Partial<Choices>): void;
  /** A line is dismissed, or the ticker hidden (null). */
  hide(item: PublicItem | null): void;
}

/** A ticker that is not hidden. It arranges what arrives, and draws, turns and announces it. */
export class Show implements Controls {
  readonly board: Board;
  readonly #options: ShowOptions;
  readonly #announcer: Announcer;
  readonly #stopWatching: () => void;
  readonly #timer = setInterval(() => this.#arrange(), tickMs);
  readonly #holds = new Set<HoldReason>();
  #cancelTurn: (() => void) | null = null;
  #limits: Limits;
  /** Null until the first answer of the feed: the page's own content is shown so long. */
  #items: readonly PublicItem[] | null = null;
  #stage: Stage;
  /** Items that came while the ticker was offline, and are still to be received. They tell nothing of the clock. */
  #missing = 0;

  constructor(options: ShowOptions) {
    const { style, limits, choices, isOpen, server, edition } = options;
    this.#options = options;
    this.#limits = limits;
    this.#stage = { shown: [], top: null, current: null, waiting: [], dismissed: choices.dismissed };
    this.board = new Board({ style, server, edition, controls: this });
    this.#announcer = new Announcer(systemClock, style.strings, (text, isUrgent) => this.board.say(text, isUrgent));
    this.#stopWatching = watchReader(this.board.root, (reason, isHeld) => this.#hold(reason, isHeld));
    this.board.setButtons(false, false);
    this.#hold('motion', wantsNoMotion());
    this.#hold('paused', choices.paused);
    this.#hold('list', isOpen);
  }

  /** Applies what the server says of the edition, if the texts are those of the board. */
  restyle(style: LineStyle, limits: Limits): void {
    this.board.restyle(style);
    this.#limits = limits;
    this.#arrange();
  }

  setItems(items: readonly PublicItem[]): void {
    this.#items = items;
    this.#arrange();
  }

  hear(frame: ReceivedFrame): void {
    this.#announcer.hear(frame);
    if (frame.type === 'resumed') this.#missing = frame.missed;
    if (frame.type !== 'item' || --this.#missing >= 0) return;
    this.board.ahead = Date.now() - Date.parse(frame.item.updatedAt) || 0;
    this.#arrange();
  }

  isOpen(): boolean {
    return this.#holds.has('list');
  }

  close(): void {
    this.#announcer.close();
    this.#cancelTurn?.();
    this.#stopWatching();
    clearInterval(this.#timer);
  }

  pause(): void {
    const paused = !this.#holds.has('paused');
    this.#hold('paused', paused);
    this.#options.choose({ paused });
  }

  open(): void {
    this.#hold('list', !this.isOpen());
  }

  turn(by: number): void {
    this.#stage = turn(this.#stage, by);
    this.board.show(this.#stage);
    this.#restart();
  }

  release(): void {
    this.#arrange(false);
    this.board.focus(this.#stage.top ?? this.#stage.current);
  }

  dismiss(item: PublicItem): void {
    this.#stage = dismiss(this.#stage, item.id);
    this.#arrange();
    this.#options.choose({ dismissed: this.#stage.dismissed });
    this.#options.hide(item);
  }

  hide(): void {
    this.#options.hide(null);
  }

  #hold(reason: HoldReason, isHeld: boolean): void {
    if (this.#holds.has(reason) === isHeld) return;
    if (isHeld) this.#holds.add(reason);
    else this.#holds.delete(reason);
    this.board.setButtons(this.#holds.has('paused'), this.isOpen());
    this.#arrange();
    this.#restart();
  }

  /** Gives the current line its full time. */
  #restart(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = this.#holds.size
      ? null
      : systemClock.after(readingMs(currentOf(this.#stage)), () => this.turn(1));
  }

  /** Shows what belongs on the stage now. The open list and a hidden page stop the turning, but hold no line. */
  #arrange(isHeld = [...this.#holds].some((reason) => reason !== 'list' && reason !== 'page')): void {
    if (!this.#items) return;
    const before = this.#stage;
    this.#stage = arrange(before, { ...this.#limits, items: this.#items, isHeld }, Date.now() - this.board.ahead);
    this.board.show(this.#stage);
    if (currentOf(this.#stage) !== currentOf(before)) this.#restart();
  }
}

/** False where the browser cannot tell. */
function wantsNoMotion(): boolean {
  return globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
}
