import type { FeedState, PublicItem, ReceivedFrame } from '../../client/index.ts';
import { fold } from '../../item/fold.ts';
import type { NewsModel } from './model.ts';

export interface NewsView {
  /** The items shown, newest place first. */
  readonly items: readonly PublicItem[];
  /** The number of new items that wait until the reader is at the top. */
  readonly waiting: number;
  /** The ids of the reports that arrived while the page was open and that the reader has not seen. */
  readonly fresh: ReadonlySet<string>;
  readonly key: readonly PublicItem[];
  readonly next: number | null;
  readonly state: FeedState;
  /** The reader's clock, ms; null until the page is live. */
  readonly now: number | null;
}

/** More than a page shows, so that another takes the place of a withdrawn one. */
const mostKeys = 10;

/** A document of more takes long to lay out at each change. */
const mostShown = 200;

/**
 * The news of one open page. Corrections, removals and releases show at once. A new item waits while the reader is not at
 * the top, so that the text being read does not move.
 */
export class NewsStore {
  readonly #isArchive: boolean;
  #live: readonly PublicItem[];
  #older: readonly PublicItem[];
  #key: readonly PublicItem[];
  #next: number | null;
  #state: FeedState = { type: 'connecting' };
  #now: number | null = null;
  #isAtTop = true;
  #shownThrough = 0;
  /** Items below this place are not in the document. It rises only while the reader is at the top, far from them. */
  #lowest = 0;
  /** The highest place that has arrived. */
  #arrived: number;
  readonly #unseen = new Set<string>();
  #view: NewsView;
  readonly #listeners = new Set<(view: NewsView) => void>();

  constructor(model: NewsModel) {
    this.#isArchive = model.isArchive;
    this.#live = model.isArchive ? [] : model.items;
    this.#older = model.isArchive ? model.items : [];
    this.#key = model.key;
    this.#next = model.next;
    this.#arrived = model.items[0]?.place ?? 0;
    this.#view = this.#look();
  }

  view(): NewsView {
    return this.#view;
  }

  subscribe(listener: (view: NewsView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setItems(items: readonly PublicItem[]): void {
    for (const { id, place } of items) if (place > this.#arrived) this.#unseen.add(id);
    this.#arrived = Math.max(this.#arrived, items[0]?.place ?? 0);
    this.#live = items;
    this.#tell();
  }

  setSeen(id: string): void {
    if (this.#unseen.delete(id)) this.#tell();
  }

  setState(state: FeedState): void {
    this.#state = state;
    this.#tell();
  }

  /** Updates the items that the feed's list does not hold: older pages and the flashes. */
  hear(frame: ReceivedFrame): void {
    if (frame.type === 'snapshot' && this.#isArchive) return;
    if (frame.type === 'snapshot') {
      this.#older = [];
      const lowest = this.#live[this.#live.length - 1]?.place;
      this.#next = frame.more ? (lowest ?? null) : null;
      this.#key = flashes([...frame.items, ...this.#key.filter((key) => key.place < (lowest ?? 0))]);
    } else if (frame.type === 'item' || frame.type === 'removal') {
      const id = frame.type === 'item' ? frame.item.id : frame.id;
      if (this.#older.some((item) => item.id === id)) this.#older = fold(this.#older, frame);
      if (frame.type === 'item' || this.#key.some((item) => item.id === id))
        this.#key = flashes(fold(this.#key, frame));
    } else return;
    this.#tell();
  }

  /** At the top, waiting items are shown. Away from it, new items wait. */
  setAtTop(isAtTop: boolean): void {
    if (this.#isAtTop === isAtTop) return;
    this.#isAtTop = isAtTop;
    if (!isAtTop) this.#shownThrough = this.#live[0]?.place ?? 0;
    this.#tell();
  }

  addOlder(items: readonly PublicItem[], next: number | null): void {
    const ids = new Set([...this.#live, ...this.#older].map((item) => item.id));
    this.#older = [...this.#older, ...items.filter((item) => !ids.has(item.id))];
    this.#next = next;
    this.#lowest = next === null ? 0 : Math.min(this.#lowest, items.at(-1)?.place ?? 0);
    this.#tell();
  }

  tick(now: number): void {
    this.#now = now;
    this.#tell();
  }

  #tell(): void {
    this.#view = this.#look();
    for (const listener of this.#listeners) listener(this.#view);
  }

  #look(): NewsView {
    const isFresh = ({ id, status }: PublicItem) => status === 'usable' && this.#unseen.has(id);
    const isWaiting = (item: PublicItem) => !this.#isAtTop && item.place > this.#shownThrough;
    const held = [...this.#live.filter((item) => !isWaiting(item)), ...this.#older];
    if (this.#isAtTop && !this.#isArchive) this.#lowest = Math.max(this.#lowest, held[mostShown - 1]?.place ?? 0);
    const items = held.filter(({ place }) => place >= this.#lowest);
    return {
      items,
      waiting: this.#live.filter((item) => isWaiting(item) && item.status === 'usable').length,
      fresh: new Set(this.#live.filter(isFresh).map(({ id }) => id)),
      key: this.#key,
      next: items.length < held.length ? this.#lowest : this.#next,
      state: this.#state,
      now: this.#now,
    };
  }
}

function flashes(items: readonly PublicItem[]): readonly PublicItem[] {
  return items.filter((item) => item.status === 'usable' && item.urgency === 'flash').slice(0, mostKeys);
}
