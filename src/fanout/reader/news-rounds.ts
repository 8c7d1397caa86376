import type { Replica } from '../edition/replica.ts';
import type { Feed, FeedReader, WriteOutcome } from '../feed/feed.ts';
import type { SweepSource } from '../scheduling/sweep.ts';

const readersAStep = 16;
const readersATurn = 64;

interface Round {
  readonly feed: Feed;
  /** Index of the reader that comes next, and how many in a row had nothing to be told. */
  next: number;
  quiet: number;
}

/**
 * Feeds with news, in turns. A round goes on where it stopped and ends when a whole one has found nothing new; busy
 * readers are passed over and come back by themselves once they have been flushed.
 */
export class NewsRounds implements SweepSource {
  readonly #rounds: Round[] = [];
  readonly #queued = new Map<Feed, Round>();
  #leftOfTurn = readersATurn;

  add(feed: Feed): void {
    if (feed.readers.length === 0 || this.#queued.has(feed)) return;
    const round = { feed, next: 0, quiet: feed.readers.length };
    this.#queued.set(feed, round);
    this.#rounds.push(round);
  }

  /**
   * Something has changed. Every feed with readers is caught up at once, so that no account is told to which not all of its
   * readers have been put down; those that have news then get their turns.
   */
  announce(feeds: Iterable<Feed>, replica: Replica | null): void {
    for (const feed of feeds) {
      if (feed.readers.length === 0) continue;
      try {
        if (replica) feed.advance(replica);
      } catch {
        // The same is thrown again in its turn, which ends its readers. Other feeds must not miss the entry for it.
        feed.isDue = true;
      }
      if (feed.isDue) this.add(feed);
    }
  }

  step(): boolean {
    const [round] = this.#rounds;
    if (!round) return false;
    const isOver = this.#serve(round, readersAStep);
    this.#leftOfTurn -= readersAStep;
    if (isOver) this.#queued.delete(round.feed);
    if (isOver || this.#leftOfTurn <= 0) {
      this.#rounds.shift();
      if (!isOver) this.#rounds.push(round);
      this.#leftOfTurn = readersATurn;
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
      // Its readers cannot be told anything from here: they come back. No other feed waits for that.
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
      // Passing a reader over is some thirty times cheaper than a write.
      left -= outcome === 'written' ? 1 : 1 / 32;
    }
  }
}

/** A reader that fails, or leaves within its write, gives its place to the last one: the round goes on as after any write. */
function deliverSafely(reader: FeedReader, replica: Replica): WriteOutcome {
  try {
    return reader.deliver(replica);
  } catch (error) {
    reader.fail(error);
    return 'written';
  }
}

/** Readers that can go on: joiners with more to come, and those that were busy and are not any more. */
export class ReadyReaders implements SweepSource {
  readonly #readers: FeedReader[] = [];
  #next = 0;

  add(reader: FeedReader): void {
    this.#readers.push(reader);
  }

  step(): boolean {
    const end = Math.min(this.#next + readersAStep / 2, this.#readers.length);
    for (; this.#next < end; this.#next++) {
      const reader = this.#readers[this.#next];
      if (reader) this.#serveSafely(reader);
    }
    if (this.#next < this.#readers.length) return true;
    this.#readers.length = 0;
    this.#next = 0;
    return false;
  }

  #serveSafely(reader: FeedReader): void {
    try {
      this.#serve(reader);
    } catch (error) {
      reader.fail(error);
    }
  }

  #serve(reader: FeedReader): void {
    const { replica } = reader.feed.edition;
    if (!replica || reader.isGone) return;
    reader.feed.advance(replica);
    if (reader.deliver(replica) === 'written' && reader.hasNews) this.#readers.push(reader);
  }
}
