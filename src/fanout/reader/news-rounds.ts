import type { Replica } from '../edition/replica.ts';
import type { Feed, FeedReader, WriteOutcome } from '../feed/feed.ts';
import type { SweepSource } from '../scheduling/sweep.ts';

const readersPerStep = 16;
const readersPerTurn = 64;

interface Round {
  readonly feed: Feed;
  /** Index of the next reader, and how many readers in a row had no news. */
  next: number;
  quiet: number;
}

/**
 * Feeds with news take turns. A round resumes where it stopped. It ends after one pass in which no reader had news. Busy
 * readers are skipped: once their socket is flushed, they come back as ready readers.
 */
export class NewsRounds implements SweepSource {
  readonly #rounds: Round[] = [];
  readonly #queued = new Map<Feed, Round>();
  #leftOfTurn = readersPerTurn;

  get isServing(): boolean {
    return this.#rounds.length > 0;
  }

  add(feed: Feed): void {
    if (feed.readers.length === 0 || this.#queued.has(feed)) return;
    const round = { feed, next: 0, quiet: feed.readers.length };
    this.#queued.set(feed, round);
    this.#rounds.push(round);
  }

  /**
   * Call it after a change of the edition, with the feeds that it concerns. They catch up at once, so that no account is reported
   * before all of its readers are in it. The feeds with news then get their turns.
   */
  announce(feeds: Iterable<Feed>, replica: Replica | null): void {
    for (const feed of feeds) {
      if (feed.readers.length === 0) continue;
      try {
        if (replica) feed.advance(replica);
      } catch {
        // Its turn throws again and ends its readers. The other feeds must not miss the entry.
        feed.isDue = true;
      }
      if (feed.isDue) this.add(feed);
    }
  }

  step(): boolean {
    const [round] = this.#rounds;
    if (!round) return false;
    const isOver = this.#serve(round, readersPerStep);
    this.#leftOfTurn -= readersPerStep;
    if (isOver) this.#queued.delete(round.feed);
    if (isOver || this.#leftOfTurn <= 0) {
      this.#rounds.shift();
      if (!isOver) this.#rounds.push(round);
      this.#leftOfTurn = readersPerTurn;
    }
    return this.#rounds.length > 0;
  }

  /** True when the round is over. */
  #serve(round: Round, writes: number): boolean {
    const { feed } = round;
    const { replica } = feed.edition;
    if (!replica) return true;
    try {
      feed.advance(replica);
    } catch (error) {
      // The feed cannot be served here. Its readers reconnect, and no other feed waits for that.
      for (const reader of feed.readers.slice(-writes)) reader.fail(error);
      return feed.readers.length === 0;
    }
    if (feed.isDue) {
      feed.isDue = false;
      round.quiet = 0;
    }
    this.#deliver(round, replica, writes);
    return round.quiet >= feed.readers.length;
  }

  #deliver(round: Round, replica: Replica, writes: number): void {
    const { readers } = round.feed;
    let left = writes;
    while (left > 0 && round.quiet < readers.length) {
      if (round.next >= readers.length) round.next = 0;
      const reader = readers[round.next];
      const outcome = reader && deliverSafely(reader, replica);
      round.next++;
      round.quiet = outcome === 'written' ? 0 : round.quiet + 1;
      // Skipping a reader is about thirty times cheaper than a write.
      left -= outcome === 'written' ? 1 : 1 / 32;
    }
  }
}

/** A reader that throws, or leaves within its write, is replaced by the last one of the list: the round continues as after a write. */
function deliverSafely(reader: FeedReader, replica: Replica): WriteOutcome {
  try {
    return reader.deliver(replica);
  } catch (error) {
    reader.fail(error);
    return 'written';
  }
}

/** Readers that are served outside of the rounds: new readers with more to receive, and readers whose socket is free again. */
export class ReadyReaders implements SweepSource {
  readonly #readers: FeedReader[] = [];
  #next = 0;

  add(reader: FeedReader): void {
    this.#readers.push(reader);
  }

  /** Serves a reader at once, and again in its turn if there is more. */
  serve(reader: FeedReader): void {
    try {
      this.#serve(reader);
    } catch (error) {
      reader.fail(error);
    }
  }

  step(): boolean {
    const end = Math.min(this.#next + readersPerStep / 2, this.#readers.length);
    for (; this.#next < end; this.#next++) {
      const reader = this.#readers[this.#next];
      if (reader) this.serve(reader);
    }
    if (this.#next < this.#readers.length) return true;
    this.#readers.length = 0;
    this.#next = 0;
    return false;
  }

  #serve(reader: FeedReader): void {
    const { replica } = reader.feed.edition;
    if (!replica || reader.isGone) return;
    reader.feed.advance(replica);
    if (reader.deliver(replica) === 'written' && reader.hasNews) this.#readers.push(reader);
  }
}
