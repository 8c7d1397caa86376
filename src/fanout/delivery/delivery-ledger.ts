import { addTo, bucketOf } from '../../item/histogram.ts';
import type { Entry } from '../../log/entries/entry.ts';
import type { DeliveryReport } from '../../log/rollcall/delivery-report.ts';
import type { Edition } from '../edition/edition.ts';
import type { Feed } from '../feed/feed.ts';

/** What an account needs to know of its entry: never its text, which may be taken back while the account is kept. */
type Told = Pick<DeliveryReport, 'edition' | 'seq' | 'itemId' | 'version' | 'at' | 'what'>;

interface Account {
  readonly entry: Told;
  /** Readers of a feed that still have to be told. */
  readonly waiting: Map<Feed, number>;
  targeted: number;
  written: number;
  caughtUp: number;
  left: number;
  resumed: number;
  readonly latency: Map<number, number>;
  maxMs: number;
}

interface Book {
  epoch: string;
  /** Seq up to which accounts have been opened. */
  head: number;
  readonly accounts: Map<number, Account>;
}

interface Run {
  readonly feed: Feed;
  readonly from: number;
  readonly to: number;
  /** What lies between `from` and this, the reader had missed while it was away. */
  readonly since: number;
  readonly wasBusy: boolean;
  count: number;
}

const accountsKept = 1_024;
const runLength = 64;
/** Anybody can come back from any position, and every account that is told is written to Redis. */
const resumesATake = 8;

/**
 * Keeps account of who has been told what: per entry, how many readers it was for and what has become of each of them.
 * Writes are counted in runs of readers that went the same way, so that a reader costs a comparison, not a look-up.
 * A time is taken at the end of a run: it may say up to a slice (4 ms, 32 under load) too much, never too little.
 */
export class DeliveryLedger {
  readonly #now: () => number;
  readonly #books = new Map<string, Book>();
  readonly #changed = new Set<Account>();
  /** Those that nothing has changed in but who had missed their entry. */
  readonly #resumed = new Set<Account>();
  #run: Run | null = null;

  /** `now` is Redis' clock, ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Opens an account for each entry that an edition has got since the last call. What a load brings was delivered by others. */
  open(edition: Edition): void {
    const { replica } = edition;
    if (!replica) return;
    const book = this.#books.get(edition.id);
    if (book?.epoch !== replica.epoch || replica.head < book.head) {
      const isFirstEntry = book?.epoch === '';
      this.#books.set(edition.id, {
        epoch: replica.epoch,
        head: isFirstEntry ? 0 : replica.head,
        accounts: new Map(),
      });
      if (isFirstEntry) this.open(edition);
      return;
    }
    for (let seq = Math.max(book.head, replica.floor) + 1; seq <= replica.head; seq++) {
      const entry = replica.slot(seq)?.entry;
      if (entry) this.#openAccount(edition.id, book, entry);
    }
    book.head = replica.head;
  }

  /** An entry touches a feed with so many readers. Those that came with a position ahead of it have had it elsewhere. */
  target(feed: Feed, seq: number, connected: number): void {
    const readers = connected - feed.aheadOf(seq);
    const account = this.#account(feed.edition.id, seq);
    if (!account || readers <= 0 || account.waiting.has(feed)) return;
    account.waiting.set(feed, readers);
    account.targeted += readers;
    this.#changed.add(account);
  }

  /** One write took a reader from `from` to `to`. `joinedAt`: what lies before it, the reader had missed while it was away. */
  wrote(feed: Feed, from: number, to: number, joinedAt: number, wasBusy: boolean): void {
    const run = this.#run;
    const since = Math.max(joinedAt, from);
    if (run?.feed === feed && run.from === from && run.to === to && run.since === since && run.wasBusy === wasBusy) {
      run.count++;
      if (run.count >= runLength) this.settle();
      return;
    }
    this.settle();
    this.#run = { feed, from, to, since, wasBusy, count: 1 };
  }

  /** A reader goes away that was to be told what lies after `from`, up to `to`. */
  left(feed: Feed, from: number, to: number): void {
    this.settle();
    for (const account of this.#waitingIn(feed, from, to)) account.left += this.#book(account, feed, 1);
  }

  /** Books the run that is open, at this moment. */
  settle(): void {
    const run = this.#run;
    if (!run) return;
    this.#run = null;
    const { feed, from, to, since, wasBusy, count } = run;
    for (const account of this.#missedIn(feed, from, Math.min(since, to))) {
      account.resumed += count;
      this.#resumed.add(account);
    }
    const now = this.#now();
    for (const account of this.#waitingIn(feed, since, to)) {
      const booked = this.#book(account, feed, count);
      if (wasBusy) account.caughtUp += booked;
      else account.written += booked;
      const ms = Math.max(0, now - account.entry.at);
      addTo(account.latency, bucketOf(ms), booked);
      account.maxMs = Math.max(account.maxMs, ms);
    }
  }

  /** Whether this version went out from here since `since`, ms. */
  hasSent(edition: string, itemId: string, version: number, since: number): boolean {
    for (const { entry } of this.#books.get(edition)?.accounts.values() ?? [])
      if (entry.itemId === itemId && entry.version === version && entry.at >= since) return true;
    return false;
  }

  /** What has changed since the last call; where that is who had missed an entry alone, a few at a time, all of them in the last call. */
  take(isLast = false): readonly DeliveryReport[] {
    this.settle();
    const taken = [...this.#changed];
    for (const account of taken) this.#resumed.delete(account);
    taken.push(...[...this.#resumed].slice(0, isLast ? this.#resumed.size : resumesATake));
    this.#changed.clear();
    for (const account of taken) this.#resumed.delete(account);
    return taken.map(reportOf);
  }

  #openAccount(edition: string, book: Book, entry: Entry): void {
    const { seq, itemId, version, at, change, reason } = entry;
    const account: Account = {
      entry: { edition, seq, itemId, version, at, what: change ?? reason ?? 'retracted' },
      waiting: new Map(),
      targeted: 0,
      written: 0,
      caughtUp: 0,
      left: 0,
      resumed: 0,
      latency: new Map(),
      maxMs: 0,
    };
    book.accounts.set(seq, account);
    if (book.accounts.size > accountsKept) {
      const [oldest] = book.accounts.keys();
      if (oldest !== undefined) book.accounts.delete(oldest);
    }
    // Also when it turns out to be for nobody: that this process has had it is worth a report.
    this.#changed.add(account);
  }

  #account(edition: string, seq: number): Account | undefined {
    return this.#books.get(edition)?.accounts.get(seq);
  }

  /** Accounts of the entries after `from` up to `to` for which readers of the feed wait, those that have left the ring too. */
  *#waitingIn(feed: Feed, from: number, to: number): Iterable<Account> {
    const accounts = this.#books.get(feed.edition.id)?.accounts;
    const [oldest = to + 1] = accounts?.keys() ?? [];
    for (let seq = Math.max(from + 1, oldest); seq <= to; seq++) {
      const account = accounts?.get(seq);
      if (account && (account.waiting.get(feed) ?? 0) > 0) yield this.#touched(account);
    }
  }

  /** Accounts of the feed's entries after `from` up to `to`. */
  *#missedIn(feed: Feed, from: number, to: number): Iterable<Account> {
    if (to <= from) return;
    for (let index = feed.indexAfter(from); (feed.seqs[index] ?? to + 1) <= to; index++) {
      const account = this.#account(feed.edition.id, feed.seqs[index] ?? 0);
      if (account) yield account;
    }
  }

  #touched(account: Account): Account {
    this.#changed.add(account);
    return account;
  }

  /** Takes readers off those who wait: never more than there are. */
  #book(account: Account, feed: Feed, count: number): number {
    const waiting = account.waiting.get(feed) ?? 0;
    const taken = Math.min(waiting, count);
    // Gone from here once nobody waits: an account must not keep feeds alive, nor grow with their number.
    if (waiting > taken) account.waiting.set(feed, waiting - taken);
    else account.waiting.delete(feed);
    return taken;
  }
}

function reportOf({ entry, targeted, written, caughtUp, left, resumed, latency, maxMs }: Account): DeliveryReport {
  return {
    ...entry,
    targeted,
    written,
    caughtUp,
    left,
    resumed,
    latency: [...latency].sort(([a], [b]) => a - b),
    maxMs,
  };
}
