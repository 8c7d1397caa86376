import type { RetryWindow } from '../../protocol/frame.ts';
import type { Replica } from '../edition/replica.ts';
import type { Feed, FeedReader } from '../feed/feed.ts';
import { pollFraming } from '../feed/framing.ts';
import type { Clock } from '../scheduling/clock.ts';
import type { Counters } from '../scheduling/counters.ts';
import { type SliceScope, Sweep, type SweepSource } from '../scheduling/sweep.ts';
import { BeatWheel } from './beat-wheel.ts';
import { Drain } from './drain.ts';
import { NewsRounds, ReadyReaders } from './news-rounds.ts';
import type { Reader } from './reader.ts';

export interface ReaderScheduleDeps {
  readonly clock: Clock;
  readonly counters: Counters;
  /** `tick` is called this often in the usual interval between beats, and in the long one. */
  readonly beats: { readonly usual: number; readonly long: number };
  /** Called at the end of each slice. */
  onSlice(): void;
  readonly scope?: SliceScope | undefined;
  /** Null, or a promise that resolves when writes are allowed again. */
  whenMayWrite(): Promise<void> | null;
  /** True: slices are short. */
  isDeskWaiting?(): boolean;
}

/** Everything that writes to readers (news, beats, joins, drain) takes turns in one sweep. */
export class ReaderSchedule {
  readonly #news = new NewsRounds();
  readonly #ready = new ReadyReaders();
  readonly #wheel: BeatWheel;
  readonly #longWheel: BeatWheel;
  readonly #drain: Drain;
  readonly #sweep: Sweep;

  constructor(deps: ReaderScheduleDeps) {
    const { clock, counters, beats, onSlice, whenMayWrite, scope, isDeskWaiting } = deps;
    this.#sweep = new Sweep(clock, counters, onSlice, whenMayWrite, scope, isDeskWaiting);
    this.#wheel = new BeatWheel(beats.usual, (reader) => this.resume(reader));
    this.#longWheel = new BeatWheel(beats.long, (reader) => this.resume(reader));
    this.#drain = new Drain(clock, () => this.#sweep.wake());
    for (const source of [this.#news, this.#ready, this.#wheel, this.#longWheel, this.#drain]) this.#sweep.add(source);
  }

  /** Gives another source its share of the sweep. */
  addSource(source: SweepSource): void {
    this.#sweep.add(source);
  }

  /** Whether entries are on their way to readers. */
  get hasNews(): boolean {
    return this.#news.isServing;
  }

  wake(): void {
    this.#sweep.wake();
  }

  add(reader: Reader): void {
    // A poll is answered, or its wait ends, before a beat would be due.
    if (reader.transport.framing === pollFraming) {
      this.resume(reader);
      return;
    }
    this.#wheelOf(reader).add(reader);
    // A join has its turn in the sweep, so it needs no other one for the first frame.
    this.#ready.serve(reader);
    this.#sweep.wake();
  }

  remove(reader: Reader): void {
    this.#wheelOf(reader).remove(reader);
  }

  /** The readers that receive beats: all but polls. */
  *readers(): Iterable<Reader> {
    yield* this.#wheel.readers();
    yield* this.#longWheel.readers();
  }

  /** Serves one reader in its turn: it can be written to again, or has more to receive. */
  resume(reader: FeedReader): void {
    this.#ready.add(reader);
    this.#sweep.wake();
  }

  resumeAll(readers: readonly FeedReader[]): void {
    for (const reader of readers) this.resume(reader);
  }

  /** Serves the readers of these feeds after a change of their edition. */
  announce(feeds: Iterable<Feed>, replica: Replica | null): void {
    this.#news.announce(feeds, replica);
    this.#sweep.wake();
  }

  /** Beats the next bucket of readers of each interval. */
  tick(): void {
    this.#wheel.tick();
    this.#longWheel.tick();
    this.#sweep.wake();
  }

  /** Disconnects all readers within `ms`. */
  drain(window: RetryWindow, ms: number): Promise<void> {
    return this.#drain.run([...this.readers()], window, ms, () => this.readers());
  }

  #wheelOf(reader: Reader): BeatWheel {
    return reader.hasLongBeat ? this.#longWheel : this.#wheel;
  }
}
