import { closeCodes } from '../../protocol/close-code.ts';
import { encodeReconnect } from '../../protocol/encode.ts';
import type { RetryWindow } from '../../protocol/frame.ts';
import type { Clock } from '../scheduling/clock.ts';
import type { SweepSource } from '../scheduling/sweep.ts';
import type { Reader } from './reader.ts';

const readersPerStep = 16;
const tickMs = 50;
/** The last fifth of the drain is for closing handshakes. */
const closingShare = 0.8;

/** Disconnects the readers: announces it to all at once, closes a few at a time, and terminates those that remain at the end. */
export class Drain implements SweepSource {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #toAnnounce: Reader[] = [];
  #toClose: Reader[] = [];
  #window: RetryWindow = { afterMs: 0, withinMs: 0 };
  #dueToClose = 0;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Resolves when all readers have left, after `ms` at the latest. `remaining` yields the readers that are still connected. */
  run(readers: readonly Reader[], window: RetryWindow, ms: number, remaining: () => Iterable<Reader>): Promise<void> {
    this.#window = window;
    this.#toAnnounce = [...readers];
    this.#toClose = [...readers];
    this.#wake();
    const start = this.#clock.now();
    return new Promise((resolve) => {
      const stop = this.#clock.every(tickMs, () => {
        const elapsedMs = this.#clock.now() - start;
        const share = ms === 0 ? 1 : Math.min(1, elapsedMs / (ms * closingShare));
        this.#dueToClose = Math.ceil(readers.length * share) - (readers.length - this.#toClose.length);
        this.#wake();
        const left = [...remaining()];
        if (left.length > 0 && elapsedMs < Math.max(ms, tickMs * 2)) return;
        stop();
        for (const reader of left) reader.transport.terminate();
        resolve();
      });
    });
  }

  step(): boolean {
    for (const reader of this.#toAnnounce.splice(-readersPerStep))
      orFail(reader, () => reader.send(reader.transport.framing.frame('reconnect', '', encodeReconnect(this.#window))));
    if (this.#toAnnounce.length > 0) return true;
    const count = Math.min(readersPerStep, Math.max(0, this.#dueToClose), this.#toClose.length);
    this.#dueToClose -= count;
    if (count > 0)
      for (const reader of this.#toClose.splice(-count))
        orFail(reader, () => reader.cut(closeCodes.drain, 'this process is going away'));
    return count > 0 && this.#dueToClose > 0;
  }
}

/** Ends a connection whose write throws, so that the other readers still receive the announcement. */
function orFail(reader: Reader, write: () => void): void {
  try {
    write();
  } catch (error) {
    reader.fail(error);
  }
}
