import type { Clock } from '../../client/index.ts';

/** How long a line stands before the next one takes its place. */
const turnMs = 7_000;

/** Why the lines stand still; any one is enough. */
export type HoldReason = 'pointer' | 'focus' | 'paused' | 'list' | 'motion' | 'page';

/** Turns every seven seconds, unless something holds it. */
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

  /** The line that stands now has its full time. */
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
