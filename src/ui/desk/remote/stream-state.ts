import { isRecord } from '../../../protocol/item-parse.ts';

/** One event of `GET /v1/stream`. */
export interface StreamEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An item as it came, with what its place in the list depends on. */
export type RawItem = Readonly<Record<string, unknown>> & { readonly id: string; readonly acceptedAt: number };

interface EditionState {
  readonly items: readonly RawItem[];
  readonly next: string | null;
  readonly presence: unknown;
}

/** What a stream has said so far, folded: the snapshots that the server would send now. */
export class StreamState {
  readonly #editions = new Map<string, EditionState>();
  #stop: Readonly<Record<string, unknown>> = {};
  #status: StreamEvent | null = null;
  #now: unknown = null;

  get stop(): Readonly<Record<string, unknown>> {
    return this.#stop;
  }

  get status(): Readonly<Record<string, unknown>> | null {
    return this.#status?.data ?? null;
  }

  edition(id: string): EditionState | null {
    return this.#editions.get(id) ?? null;
  }

  take(event: StreamEvent): void {
    const { name, data } = event;
    const { edition, now } = data;
    this.#now = now ?? this.#now;
    if (name === 'stop') this.#stop = data;
    if (name === 'status') this.#status = event;
    if (typeof edition !== 'string') return;
    const known = this.#editions.get(edition);
    if (name === 'snapshot') {
      const { items, next, presence, stop } = data;
      this.#stop = isRecord(stop) ? stop : {};
      this.#editions.set(edition, {
        items: Array.isArray(items) ? items.filter(isRawItem) : [],
        next: typeof next === 'string' ? next : null,
        presence,
      });
    } else if (name === 'presence' && known) this.#editions.set(edition, { ...known, presence: data['editors'] });
    else if (name === 'item' && known && isRawItem(data['item']))
      this.#editions.set(edition, { ...known, items: withItem(known.items, data['item'], known.next !== null) });
  }

  /** The events that bring an empty state to this one. */
  replay(): readonly StreamEvent[] {
    const snapshots = [...this.#editions].map(([edition, { items, next, presence }]) => ({
      name: 'snapshot',
      data: { edition, now: this.#now, items, presence, stop: this.#stop, ...(next !== null && { next }) },
    }));
    return [...snapshots, ...(this.#status ? [this.#status] : [])];
  }
}

/** In the order of the list. Behind a list that has older pages, an older item is on one of those. */
export function withItem<Item extends { readonly id: string; readonly acceptedAt: number }>(
  items: readonly Item[],
  item: Item,
  hasOlder: boolean,
): readonly Item[] {
  const at = items.findIndex(({ id }) => id === item.id);
  if (at >= 0) return items.map((one, index) => (index === at ? item : one));
  const place = items.findIndex((one) => isBefore(item, one));
  if (place === -1) return hasOlder ? items : [...items, item];
  return [...items.slice(0, place), item, ...items.slice(place)];
}

function isBefore(one: { id: string; acceptedAt: number }, other: { id: string; acceptedAt: number }): boolean {
  return one.acceptedAt === other.acceptedAt ? one.id > other.id : one.acceptedAt > other.acceptedAt;
}

function isRawItem(value: unknown): value is RawItem {
  return isRecord(value) && typeof value['id'] === 'string' && typeof value['acceptedAt'] === 'number';
}
