import type { Clock } from '../../client/index.ts';

/** How long a line is shown. */
const turnMs = 7_000;

/** Why the lines do not turn; one reason is enough. */
export type HoldReason = 'pointer' | 'focus' | 'paused' | 'list' | 'motion' | 'page';

/** Turns the lines every seven seconds unless a reason holds them. */
export class Rotation {
  readonly #clock: Clock;
  readonly #turn: () => void;
  readonly #holds = new Set<HoldReason>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, turn: () => void) {
    this.#clock = clock;
    this.#turn = turn;
    this.restart();
  }

  hold(reason: HoldReason, isHeld: boolean): void {
    if (this.#holds.has(reason) === isHeld) return;
    if (isHeld) this.#holds.add(reason);
    else this.#holds.delete(reason);
    this.restart();
  }

  /** Gives the current line its full time. */
  restart(): void {
    this.stop();
    if (this.#holds.size > 0) return;
    this.#cancel = this.#clock.after(turnMs, () => {
      this.restart();
      this.#turn();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
