import type { DeskItem, DeskLog } from '../../log/commands/desk-log.ts';
import { itemView, type ListedItem } from '../item-view.ts';
import type { Proof } from '../proof.ts';

export interface EditionListDeps {
  readonly log: Pick<DeskLog, 'list' | 'item' | 'translations'>;
  /** All editions of the site: what a key may not see of an item's relatives is left out later. */
  readonly editions: readonly string[];
  reachOf(itemId: string): Proof | null;
  /** Every item that was read. */
  onRead(item: DeskItem): void;
  onItem(edition: string, item: ListedItem): void;
  /** An item with relatives in other editions was read: their views name it. */
  onRelative(edition: string, id: string): void;
  /** A change could not be read, so this list is out of date. */
  onFailed(edition: string, error: unknown): void;
}

/** The newest items of an edition, as `GET /v1/items` lists them. */
export interface NewestItems {
  readonly items: readonly ListedItem[];
  readonly next?: string;
}

const newest = 50;
/** Older items whose last view is kept, so that a proof of one of them needs no read. */
const olderKept = 100;
/** Changes of one item within this are one read: an acceptance and its append are a few ms apart. */
const coalesceMs = 20;

/**
 * The newest items of one edition, for all open desks of a process. It is read once; then every item that changed is read
 * again. `load` first, because it reads what changed meanwhile.
 */
export class EditionList {
  readonly edition: string;
  readonly #deps: EditionListDeps;
  #items: readonly ListedItem[] = [];
  #next: string | undefined;
  readonly #older = new Map<string, ListedItem>();
  /** Ids to read. True: the item itself changed; false: a relative of it. */
  readonly #changed = new Map<string, boolean>();
  #loaded: Promise<void> | null = null;
  #isLoaded = false;
  #isReading = false;

  constructor(edition: string, deps: EditionListDeps) {
    this.edition = edition;
    this.#deps = deps;
  }

  /** Reads the list the first time. Rejects while Redis is unreachable; the next call tries again. */
  load(): Promise<void> {
    this.#loaded ??= this.#read().catch((error: unknown) => {
      this.#loaded = null;
      throw error;
    });
    return this.#loaded;
  }

  newest(): NewestItems {
    return { items: this.#items, ...(this.#next !== undefined && { next: this.#next }) };
  }

  /** An item has changed and is read again. */
  change(id: string, isItself = true): void {
    this.#changed.set(id, isItself || (this.#changed.get(id) ?? false));
    void this.#readChanged();
  }

  /** The proof of an item may have changed. Costs no read. */
  proof(id: string): void {
    const item = this.#items.find((one) => one.id === id) ?? this.#older.get(id);
    if (!item) return;
    const reach = this.#deps.reachOf(id);
    if (sameReach(reach, item.reach)) return;
    this.#put({ ...item, reach });
  }

  async #read(): Promise<void> {
    const { items, next } = await this.#deps.log.list(this.edition, { limit: newest });
    this.#items = await Promise.all(items.map((item) => this.#view(item)));
    this.#next = next;
    this.#isLoaded = true;
    void this.#readChanged();
  }

  async #readChanged(): Promise<void> {
    if (this.#isReading || !this.#isLoaded) return;
    this.#isReading = true;
    try {
      while (this.#changed.size > 0) {
        const changed = [...this.#changed];
        this.#changed.clear();
        await Promise.all(changed.map(([id, isItself]) => this.#readOne(id, isItself)));
        await new Promise((resolve) => setTimeout(resolve, coalesceMs).unref());
      }
    } catch (error) {
      this.#deps.onFailed(this.edition, error);
    } finally {
      this.#isReading = false;
    }
  }

  async #readOne(id: string, isItself: boolean): Promise<void> {
    const item = await this.#deps.log.item(this.edition, id);
    if (!item) return;
    const view = await this.#view(item);
    this.#put(view);
    if (!isItself) return;
    for (const relative of [...(view.original ? [view.original] : []), ...view.translations])
      this.#deps.onRelative(relative.edition, relative.id);
  }

  async #view(item: DeskItem): Promise<ListedItem> {
    this.#deps.onRead(item);
    const translations = await this.#deps.log.translations(this.#deps.editions, item);
    return { ...itemView(item), reach: this.#deps.reachOf(item.id), ...translations };
  }

  #put(item: ListedItem): void {
    const at = this.#items.findIndex(({ id }) => id === item.id);
    if (at >= 0) this.#items = this.#items.with(at, item);
    else if (this.#isAmongNewest(item)) this.#insert(item);
    else this.#keepOlder(item);
    this.#deps.onItem(this.edition, item);
  }

  #isAmongNewest(item: ListedItem): boolean {
    const last = this.#items.at(-1);
    return !last || this.#next === undefined || isNewer(item, last);
  }

  #insert(item: ListedItem): void {
    const all = [...this.#items, item].sort((a, b) => (isNewer(a, b) ? -1 : 1));
    this.#items = all.slice(0, newest);
    const last = this.#items.at(-1);
    if (all.length > newest && last) this.#next = `${last.acceptedAt}_${last.id}`;
  }

  #keepOlder(item: ListedItem): void {
    this.#older.delete(item.id);
    this.#older.set(item.id, item);
    const [oldest] = this.#older.keys();
    if (this.#older.size > olderKept && oldest !== undefined) this.#older.delete(oldest);
  }
}

/** In the order of the list: by the first acceptance, then by id. */
function isNewer(one: ListedItem, other: ListedItem): boolean {
  return one.acceptedAt === other.acceptedAt ? one.id > other.id : one.acceptedAt > other.acceptedAt;
}

/** The time at which a silent process was heard is an estimate that moves by a millisecond, and is no change. */
function sameReach(one: Proof | null, other: Proof | null): boolean {
  const steady = (proof: Proof | null) =>
    JSON.stringify(proof && { ...proof, silentProcesses: proof.silentProcesses.map(({ readers }) => readers) });
  return steady(one) === steady(other);
}
