import type { ShownItem } from '../../log/entries/entry.ts';
import type { LogReader, OlderRead } from '../../log/entries/log-reader.ts';
import { type Filter, filterKey, matches } from '../../protocol/filter.ts';
import type { Edition } from './edition.ts';
import type { ReadBudget } from './read-budget.ts';

/** One page of history. */
export interface OlderItems {
  /** Newest place first. */
  readonly items: readonly ShownItem[];
  /** The `before` of the next page; null on the last page. */
  readonly next: number | null;
}

/** How much of the log one filtered page may read. */
const pagesPerRead = 5;
const itemsPerPage = 200;

/** Reads shown items below a place, for any client. The most expensive read, with a filter that matches nothing, takes 2,000 Redis commands. */
export class HistoryReads {
  readonly #log: LogReader;
  readonly #budget: ReadBudget;
  readonly #edition: (id: string) => Edition | undefined;
  readonly #shared = new Map<string, Promise<OlderItems | null>>();

  constructor(log: LogReader, budget: ReadBudget, edition: (id: string) => Edition | undefined) {
    this.#edition = edition;
    this.#log = log;
    this.#budget = budget;
  }

  /** Equal requests share a read. Null if too many clients ask at once. Rejects while the log is unreachable. */
  async page(filter: Filter, before: number, limit: number, client: string): Promise<OlderItems | null> {
    const key = `${filterKey(filter)} ${before} ${limit}`;
    const shared = this.#shared.get(key);
    if (shared !== undefined) return shared;
    const size = isWhole(filter) ? limit + 1 : itemsPerPage;
    const most = isWhole(filter) ? size : size * pagesPerRead;
    const started = this.#budget.run(client, most, (refund) => {
      let unread = most;
      const next = async (from: number) => {
        const read = await this.#log.history(filter.edition, from, size);
        unread -= read.looked;
        return read;
      };
      return this.#read(next, filter, before, limit).finally(() => refund(unread));
    });
    const read = started?.finally(() => {
      if (this.#shared.get(key) === read) this.#shared.delete(key);
    });
    if (!read) return null;
    this.#shared.set(key, read);
    return read;
  }

  /** Later requests do not join a read that has begun, because it may hold text that has since been retracted. */
  forget(): void {
    this.#shared.clear();
  }

  /** Reads again if text was hidden during the read, which may hold it. Null after three attempts. */
  async #read(...[next, filter, before, limit]: Parameters<typeof collect>): Promise<OlderItems | null> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const replica = this.#edition(filter.edition)?.replica;
      const rewrites = replica?.rewrites;
      const page = await collect(next, filter, before, limit);
      const now = this.#edition(filter.edition)?.replica;
      if (now === replica && now?.rewrites === rewrites) return page;
    }
    return null;
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
  for (let page = 0; page < pagesPerRead; page++) {
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
