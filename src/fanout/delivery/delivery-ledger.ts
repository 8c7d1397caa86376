import { addTo, bucketOf } from '../../item/histogram.ts';
import type { Entry } from '../../log/entries/entry.ts';
import type { DeliveryReport } from '../../log/rollcall/delivery-report.ts';
import type { Edition } from '../edition/edition.ts';
import type { Feed } from '../feed/feed.ts';

/** The fields of an entry that its account keeps: never the text, which may be retracted while the account exists. */
type AccountEntry = Pick<DeliveryReport, 'edition' | 'seq' | 'itemId' | 'version' | 'at' | 'what'>;

/** Hears how entries get to readers. All times are Redis' clock, ms. */
export interface DeliveryWatch {
  opened(edition: string, entry: Entry, openedAt: number): void;
  /** 99 % of the readers that an entry was for have it or have left. At most once per entry. */
  delivered(edition: string, delivery: Delivered): void;
}

interface Delivered {
  readonly commandId: string;
  readonly openedAt: number;
  /** When the first reader was written to. */
  readonly firstAt: number;
  readonly mostAt: number;
  readonly readers: number;
}

/** What a watch has to hear of an entry; null once it has. */
type Watched = Pick<Delivered, 'commandId' | 'openedAt'> & { firstAt: number | null };

/**
 * What became of the readers of one entry. `targeted` = `written` + `caughtUp` + `left` + the sum of `waiting`. `resumed`
 * counts readers that missed the entry while they were disconnected and received it with their resume.
 */
interface Account {
  readonly entry: AccountEntry;
  watched: Watched | null;
  /** How many readers of each feed have not received the entry. */
  readonly waiting: Map<Feed, number>;
  targeted: number;
  written: number;
  caughtUp: number;
  left: number;
  resumed: number;
  readonly latency: Map<number, number>;
  maxMs: number;
}

/** The accounts of one edition. */
interface Book {
  epoch: string;
  /** Seq of the newest account. */
  head: number;
  readonly accounts: Map<number, Account>;
}

/**
 * Consecutive writes that took readers of one feed the same way. A reader that joined at seq 7 and is taken from 5 to 9 has
 * `from` 5, `since` 7, `to` 9: entries 6 and 7 count as resumed, entries 8 and 9 as delivered.
 */
interface Run {
  readonly feed: Feed;
  readonly from: number;
  readonly to: number;
  /** The readers missed the entries after `from` up to `since` while they were disconnected. */
  readonly since: number;
  readonly wasBusy: boolean;
  count: number;
}

const accountsKept = 1_024;
const runLength = 64;
/** A client can resume from any position, and every reported account is written to Redis. */
const resumesPerTake = 8;

/**
 * Keeps one account per entry: how many readers it was for, and what became of each of them. It counts writes in runs of
 * readers that went the same way, so that a reader costs a comparison, not a look-up. It takes the time at the end of a run,
 * so a latency may be up to one slice (4 ms, under load 32 ms) too high, and is never too low.
 */
export class DeliveryLedger {
  readonly #now: (edition?: string) => number;
  readonly #watch: DeliveryWatch | null;
  readonly #send: () => void;
  readonly #books = new Map<string, Book>();
  readonly #changed = new Set<Account>();
  /** Accounts in which only `resumed` has changed. */
  readonly #resumed = new Set<Account>();
  #run: Run | null = null;

  /** `now` is Redis' clock, ms. `send` sends what transports have collected, so that a run is booked after its writes. */
  constructor(
    now: (edition?: string) => number,
    watch: DeliveryWatch | null = null,
    send: () => void = () => undefined,
  ) {
    this.#now = now;
    this.#watch = watch;
    this.#send = send;
  }

  /** Opens an account for each entry since the last call. Entries that came with a load get none: other processes delivered them. */
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

  /** An entry is for a feed with `connected` readers. Readers with a position ahead of it have received it elsewhere. */
  target(feed: Feed, seq: number, connected: number): void {
    const readers = connected - feed.aheadOf(seq);
    const account = this.#account(feed.edition.id, seq);
    if (!account || readers <= 0 || account.waiting.has(feed)) return;
    account.waiting.set(feed, readers);
    account.targeted += readers;
    this.#changed.add(account);
  }

  /** One write took a reader from `from` to `to`. The reader missed the entries up to `joinedAt` while it was disconnected. */
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

  /** A reader leaves without the entries after `from` up to `to`. */
  left(feed: Feed, from: number, to: number): void {
    this.settle();
    for (const account of this.#waitingIn(feed, from, to)) {
      account.left += this.#book(account, feed, 1);
      if (account.watched) this.#tell(account, account.watched, this.#now(feed.edition.id));
    }
  }

  /** Books the open run, at this moment. */
  settle(): void {
    const run = this.#run;
    if (!run) return;
    this.#send();
    this.#run = null;
    const { feed, from, to, since, wasBusy, count } = run;
    for (const account of this.#missedIn(feed, from, Math.min(since, to))) {
      account.resumed += count;
      this.#resumed.add(account);
    }
    const now = this.#now(feed.edition.id);
    for (const account of this.#waitingIn(feed, since, to)) {
      const booked = this.#book(account, feed, count);
      if (wasBusy) account.caughtUp += booked;
      else account.written += booked;
      const ms = Math.max(0, now - account.entry.at);
      addTo(account.latency, bucketOf(ms), booked);
      account.maxMs = Math.max(account.maxMs, ms);
      if (account.watched) this.#tell(account, account.watched, now);
    }
  }

  /** Whether this process sent the version at or after `since`, ms. */
  hasSent(edition: string, itemId: string, version: number, since: number): boolean {
    for (const { entry } of this.#books.get(edition)?.accounts.values() ?? [])
      if (entry.itemId === itemId && entry.version === version && entry.at >= since) return true;
    return false;
  }

  /**
   * The accounts that have changed since the last call. Accounts in which only `resumed` has changed come a few per call, and
   * all of them if `isLast`.
   */
  take(isLast = false): readonly DeliveryReport[] {
    this.settle();
    const accounts = [...this.#changed];
    for (const account of accounts) this.#resumed.delete(account);
    accounts.push(...[...this.#resumed].slice(0, isLast ? this.#resumed.size : resumesPerTake));
    this.#changed.clear();
    for (const account of accounts) this.#resumed.delete(account);
    return accounts.map(reportOf);
  }

  #openAccount(edition: string, book: Book, entry: Entry): void {
    const { seq, itemId, version, at, change, reason } = entry;
    const openedAt = this.#now(edition);
    const account: Account = {
      entry: { edition, seq, itemId, version, at, what: change ?? reason ?? 'retracted' },
      watched: this.#watch && { commandId: entry.commandId, openedAt, firstAt: null },
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
    this.#watch?.opened(edition, entry, openedAt);
    if (book.accounts.size > accountsKept) {
      const [oldest] = book.accounts.keys();
      if (oldest !== undefined) book.accounts.delete(oldest);
    }
    // Also when no reader follows it: the report shows that this process has the entry.
    this.#changed.add(account);
  }

  /** Tells the watch once 99 % of the readers have the entry or have left. */
  #tell(account: Account, watched: Watched, now: number): void {
    const { entry, targeted, written, caughtUp, left } = account;
    if (written + caughtUp > 0) watched.firstAt ??= now;
    if (written + caughtUp + left < targeted * 0.99 || watched.firstAt === null) return;
    account.watched = null;
    const { commandId, openedAt, firstAt } = watched;
    this.#watch?.delivered(entry.edition, { commandId, openedAt, firstAt, mostAt: now, readers: targeted });
  }

  #account(edition: string, seq: number): Account | undefined {
    return this.#books.get(edition)?.accounts.get(seq);
  }

  /** Accounts after `from` up to `to` for which readers of the feed wait, including entries that have left the ring. */
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

  /** Removes `count` readers from those that wait, and never more than there are. Returns how many. */
  #book(account: Account, feed: Feed, count: number): number {
    const waiting = account.waiting.get(feed) ?? 0;
    const booked = Math.min(waiting, count);
    // Deleted at zero: an account must not keep feeds alive, nor grow with their number.
    if (waiting > booked) account.waiting.set(feed, waiting - booked);
    else account.waiting.delete(feed);
    return booked;
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
