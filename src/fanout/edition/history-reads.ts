import type { LogReader, OlderRead, ShownItem } from '../../log/entries/entry.ts';
import { type Filter, filterKey, matches } from '../../protocol/filter.ts';
import type { Edition } from './edition.ts';
import type { ReadBudget } from './read-budget.ts';

export interface OlderItems {
  /** Newest place first. */
  readonly items: readonly ShownItem[];
  /** The `before` of the page after them; null: there is none. */
  readonly next: number | null;
}

/** How much of the log one filtered page may look through. */
const pagesARead = 5;
const itemsAPage = 200;

/** Shown items below a place, for whoever asks. A read with a filter that lets nothing through takes 2,000 commands of Redis. */
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

  /** Those who ask for the same share a read. Null: too many ask at once. Rejects while the log is away. */
  async page(filter: Filter, before: number, limit: number, client: string): Promise<OlderItems | null> {
    const key = `${filterKey(filter)} ${before} ${limit}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const size = isWhole(filter) ? limit + 1 : itemsAPage;
    const most = isWhole(filter) ? size : size * pagesARead;
    const begun = this.#budget.run(client, most, (giveBack) => {
      let unread = most;
      const next = async (from: number) => {
        const read = await this.#log.history(filter.edition, from, size);
        unread -= read.looked;
        return read;
      };
      return this.#read(next, filter, before, limit).finally(() => giveBack(unread));
    });
    const read = begun?.finally(() => {
      if (this.#shared.get(key) === read) this.#shared.delete(key);
    });
    if (!read) return null;
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
