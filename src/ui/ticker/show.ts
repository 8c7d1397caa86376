import { systemClock } from '../../client/clock.ts';
import type { PublicItem, ReceivedFrame } from '../../client/index.ts';
import { Announcer } from '../news/announcer.ts';
import { Board, type BoardOptions, type Controls } from './board.tsx';
import type { Choices } from './choices.ts';
import { type HoldReason, watchReader } from './reader.ts';
import { arrange, currentOf, dismiss, readingMs, type Scene, type Stage, turn } from './stage.ts';

/** Times and ages are as exact as this. */
const tickMs = 10_000;

export type Limits = Pick<Scene, 'limit' | 'maxAgeMs' | 'flashMs'>;

interface ShowOptions extends Omit<BoardOptions, 'controls'> {
  readonly limits: Limits;
  readonly choices: Choices;
  readonly isOpen: boolean;
  choose(change: Partial<Choices>): void;
}

/** A ticker that is not hidden. It arranges what arrives, and draws, turns and announces it. */
export class Show implements Controls {
  readonly board: Board;
  readonly #options: ShowOptions;
  readonly #announcer: Announcer;
  readonly #stopWatching: () => void;
  readonly #timer = setInterval(() => this.#arrange(), tickMs);
  readonly #holds = new Set<HoldReason>();
  #turning: ReturnType<typeof setTimeout> | undefined;
  /** Null until the first answer of the feed. */
  #items: readonly PublicItem[] | null = null;
  #stage: Stage;
  /** Items that came while the ticker was offline, and are still to be received. They tell nothing of the clock. */
  #missing = 0;

  constructor(options: ShowOptions) {
    const { style, choices, isOpen } = options;
    this.#options = options;
    this.#stage = { shown: [], waiting: [], dismissed: choices.dismissed };
    this.board = new Board({ ...options, controls: this });
    this.#announcer = new Announcer(systemClock, style.strings, (text, isUrgent) => this.board.say(text, isUrgent));
    this.#stopWatching = watchReader(this.board.root, (reason, isHeld) => this.#hold(reason, isHeld));
    this.board.setButtons(false, false);
    this.#hold('motion', wantsNoMotion());
    this.#hold('paused', choices.paused);
    this.#hold('list', isOpen);
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
    clearTimeout(this.#turning);
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

  #hold(reason: HoldReason, isHeld: boolean): void {
    // Drawing moves the focus.
    if (this.#holds.has(reason) === isHeld) return;
    if (isHeld) this.#holds.add(reason);
    else this.#holds.delete(reason);
    this.board.setButtons(this.#holds.has('paused'), this.isOpen());
    this.#arrange();
    this.#restart();
  }

  /** Gives the current line its full time. */
  #restart(): void {
    clearTimeout(this.#turning);
    if (!this.#holds.size) this.#turning = setTimeout(() => this.turn(1), readingMs(currentOf(this.#stage)));
  }

  /** Shows what belongs on the stage now. The open list and a hidden page stop the turning, but hold no line. */
  #arrange(isHeld = [...this.#holds].some((reason) => reason !== 'list' && reason !== 'page')): void {
    if (!this.#items) return;
    const before = this.#stage;
    this.#stage = arrange(
      before,
      { ...this.#options.limits, items: this.#items, isHeld },
      Date.now() - this.board.ahead,
    );
    this.board.show(this.#stage);
    if (currentOf(this.#stage) !== currentOf(before)) this.#restart();
  }
}

/** False where the browser cannot tell. */
function wantsNoMotion(): boolean {
  return Boolean(globalThis.matchMedia?.('(prefers-reduced-motion)').matches);
}
