import type { LogReader, OlderRead, ShownItem } from '../log/entry.ts';
import { type Filter, filterKey, matches } from '../protocol/filter.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';
import type { Edition } from './edition.ts';

export interface OlderItems {
  /** Newest place first. */
  readonly items: readonly ShownItem[];
  /** The `before` of the page after them; null: there is none. */
  readonly next: number | null;
}

/** How much of the log one filtered page may look through. */
const pagesARead = 5;
const itemsAPage = 200;
const readsAtOnce = 4;
const readsWaiting = 16;
/** Items that a process reads in a second on average, and at once: a thousand are about 0.15 s of its thread. */
const itemsASecond = 2_000;
const itemsAtOnce = 8_000;

/**
 * Shown items below a place, for whoever asks. A read with a filter that lets nothing through takes 2,000 commands of Redis:
 * a process has four under way and sixteen waiting at most, and so many items a second, so that its own reads of the head are
 * answered in time and its thread is there for those who wait for news.
 */
export class HistoryReads {
  readonly #reader: LogReader;
  readonly #counters: Counters;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #edition: (id: string) => Edition | undefined;
  readonly #shared = new Map<string, Promise<OlderItems | null>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #left = itemsAtOnce;
  #refilledAt: number;

  constructor(
    reader: LogReader,
    counters: Counters,
    clock: Pick<Clock, 'now'>,
    edition: (id: string) => Edition | undefined,
  ) {
    this.#edition = edition;
    this.#reader = reader;
    this.#counters = counters;
    this.#clock = clock;
    this.#refilledAt = clock.now();
  }

  /** Those who ask for the same share a read. Null: too many ask at once. Rejects while the log is away. */
  async page(filter: Filter, before: number, limit: number): Promise<OlderItems | null> {
    const key = `${filterKey(filter)} ${before} ${limit}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const size = isWhole(filter) ? limit + 1 : itemsAPage;
    const most = isWhole(filter) ? size : size * pagesARead;
    if (this.#waiting.length >= readsWaiting || !this.#take(most)) {
      this.#counters.refused.history++;
      return null;
    }
    let unread = most;
    const next = async (from: number) => {
      const read = await this.#reader.history(filter.edition, from, size);
      unread -= read.looked;
      return read;
    };
    const read = this.#inTurn(() => this.#read(next, filter, before, limit)).finally(() => {
      this.#left = Math.min(itemsAtOnce, this.#left + unread);
      if (this.#shared.get(key) === read) this.#shared.delete(key);
    });
    this.#shared.set(key, read);
    return read;
  }

  /** Nobody who asks from now on gets a read that has begun: it may have text that has been taken back. */
  forget(): void {
    this.#shared.clear();
  }

  /** Null where text was taken back each time while it read: it may have read that before. */
  async #read(...[next, filter, before, limit]: Parameters<typeof collect>): Promise<OlderItems | null> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const replica = this.#edition(filter.edition)?.replica;
      const rewrites = replica?.rewrites;
      const found = await collect(next, filter, before, limit);
      const now = this.#edition(filter.edition)?.replica;
      if (now === replica && now?.rewrites === rewrites) return found;
    }
    return null;
  }

  #take(items: number): boolean {
    const now = this.#clock.now();
    this.#left = Math.min(itemsAtOnce, this.#left + ((now - this.#refilledAt) * itemsASecond) / 1_000);
    this.#refilledAt = now;
    if (this.#left < items) return false;
    this.#left -= items;
    return true;
  }

  async #inTurn<Result>(read: () => Promise<Result>): Promise<Result> {
    if (this.#running === readsAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await read();
    } finally {
      // Whoever waits takes over the place.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

function isWhole({ sections, regions, topics, urgencies }: Filter): boolean {
  return sections.length + regions.length + topics.length + urgencies.length === 0;
}

async function collect(
  next: (from: number) => Promise<OlderRead>,
  filter: Filter,
  before: number,
  limit: number,
): Promise<OlderItems> {
  const items: ShownItem[] = [];
  let from = before;
  for (let page = 0; page < pagesARead; page++) {
    const { items: read, lowest } = await next(from);
    for (const shown of read) {
      if (!matches(filter, shown.facets)) continue;
      if (items.length === limit) return { items, next: items.at(-1)?.item.place ?? null };
      items.push(shown);
    }
    if (lowest === null) return { items, next: null };
    from = lowest;
  }
  return { items, next: from };
}
