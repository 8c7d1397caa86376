import { closeCodes } from '../../protocol/close-code.ts';
import { SwapList } from '../feed/swap-list.ts';
import type { SweepSource } from '../scheduling/sweep.ts';
import type { Reader } from './reader.ts';

const readersPerStep = 8;

/**
 * Sends beats and pings to all readers, spread evenly over the interval. Readers sit in the buckets of a wheel, and each tick
 * makes one bucket due, so that one timer serves all. A bucket is served from its end: a reader that leaves cannot move one
 * that has not been served yet.
 */
export class BeatWheel implements SweepSource {
  readonly #buckets: readonly SwapList<'bucketIndex', Reader>[];
  readonly #onRemainder: (reader: Reader) => void;
  #joining = 0;
  #turn = 0;
  #due = 0;
  #serving = 0;
  #index = -1;

  /** `onRemainder` receives a reader that has more news than one write takes. */
  constructor(buckets: number, onRemainder: (reader: Reader) => void) {
    this.#buckets = Array.from({ length: buckets }, () => new SwapList('bucketIndex'));
    this.#onRemainder = onRemainder;
  }

  add(reader: Reader): void {
    this.#joining = (this.#joining + 1) % this.#buckets.length;
    reader.bucket = this.#joining;
    this.#buckets[reader.bucket]?.add(reader);
  }

  remove(reader: Reader): void {
    this.#buckets[reader.bucket]?.remove(reader);
  }

  *readers(): Iterable<Reader> {
    for (const bucket of this.#buckets) yield* bucket.items;
  }

  /** Makes one more bucket due. Call it `buckets` times per interval. */
  tick(): void {
    this.#due = Math.min(this.#due + 1, this.#buckets.length);
  }

  step(): boolean {
    if (this.#due === 0) return false;
    const bucket = this.#buckets[this.#serving]?.items ?? [];
    if (this.#index < 0) this.#index = bucket.length;
    for (let left = readersPerStep; left > 0 && this.#index > 0; left--) {
      this.#index = Math.min(this.#index, bucket.length) - 1;
      const reader = bucket[this.#index];
      if (reader) this.#beatSafely(reader);
    }
    if (this.#index > 0) return true;
    this.#index = -1;
    this.#serving = (this.#serving + 1) % this.#buckets.length;
    if (this.#serving === 0) this.#turn++;
    this.#due--;
    return this.#due > 0;
  }

  #beatSafely(reader: Reader): void {
    try {
      this.#beat(reader);
    } catch (error) {
      reader.fail(error);
    }
  }

  #beat(reader: Reader): void {
    const { replica } = reader.feed.edition;
    if (!replica || reader.beatTurn === this.#turn) return;
    reader.beatTurn = this.#turn;
    reader.feed.advance(replica);
    if (!reader.beat(replica)) reader.cut(closeCodes.silent, 'no sign of life');
    else if (reader.hasNews) this.#onRemainder(reader);
  }
}
