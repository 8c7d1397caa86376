import { type Effect, fold } from '../../item/fold.ts';
import { type Facets, type PublicItem, type Tombstone, wireTime } from '../../item/item.ts';
import type { SiteEdition } from '../../item/site.ts';
import type { Entry, Withdrawn } from '../../log/entries/entry.ts';
import type { EditionState } from '../../log/entries/log-reader.ts';
import { type Filter, matches } from '../../protocol/filter.ts';
import { type Position, shortHash } from '../../protocol/position.ts';
import { Ring, type Slot } from './ring.ts';
import { TopicCounts } from './topic-counts.ts';
import { Withdrawals } from './withdrawals.ts';

/** How many shown items and ring entries a replica holds. */
export interface ReplicaLimits {
  readonly items: number;
  readonly entries: number;
}

export const replicaLimits: ReplicaLimits = { items: 1_000, entries: 1_024 };

/** The edition's language and direction, for the notice of an item that the replica does not hold. */
export type Home = Pick<SiteEdition, 'id' | 'language' | 'dir'>;

/** What `apply` did with an entry. */
export type Applied = 'applied' | 'duplicate' | 'gap' | 'epoch' | 'rewritten';

/** The items of a snapshot. */
export interface SnapshotItems {
  readonly items: readonly PublicItem[];
  /** Whether older items that match may exist. */
  readonly more: boolean;
}

/**
 * One edition at one position: the newest shown items and the ring of the newest entries. It applies entries in order and
 * each once; any other entry is refused and changes nothing. It uses the same `fold` as the client.
 */
export class Replica {
  #epoch: string;
  readonly #home: Home;
  readonly #limits: ReplicaLimits;
  readonly #ring: Ring;
  readonly #facets = new Map<string, Facets>();
  readonly #topics = new TopicCounts();
  #items: readonly PublicItem[];
  #rewrites = 0;
  readonly #withdrawals: Withdrawals;
  #changed = { at: 0, before: 0 };
  /** The replica holds every shown item with at least this place. Below it the log has more. */
  #lowestPlace: number;

  constructor(home: Home, state: EditionState, limits: ReplicaLimits = replicaLimits) {
    this.#home = home;
    this.#epoch = state.head.epoch;
    this.#limits = limits;
    this.#items = state.items.map((shown) => shown.item);
    this.#lowestPlace = state.floor;
    for (const shown of state.items) this.#setFacets(shown.item.id, shown.facets);
    const entries = tailOf(state).slice(-limits.entries);
    const floorHash = entries[0] ? entries[0].before : state.head.hash;
    this.#withdrawals = new Withdrawals(state.withdrawn);
    this.#ring = new Ring(limits.entries, state.head.seq - entries.length, floorHash);
    for (const entry of entries) this.#remember(entry, this.#tombstoneOf(entry));
  }

  /** Empty until the first entry of a new edition, which sets it. */
  get epoch(): string {
    return this.#epoch;
  }

  get head(): number {
    return this.#ring.head;
  }

  /** The link of the chain at a seq from the floor to the head; empty if there is none. */
  hashAt(seq: number): string {
    return this.#ring.hashAt(seq);
  }

  /** The position at a seq from the floor to the head, as clients receive it. */
  positionAt(seq: number): Required<Position> {
    return { epoch: this.#epoch, seq, hash: shortHash(this.hashAt(seq)) };
  }

  /** A client at this seq or above can resume without a gap. */
  get floor(): number {
    return this.#ring.floor;
  }

  /** Rises whenever the text of earlier entries was hidden. */
  get rewrites(): number {
    return this.#rewrites;
  }

  /** Newest place first. */
  get items(): readonly PublicItem[] {
    return this.#items;
  }

  /** So many items were removed that snapshots could come out short. A reload brings in older items. */
  get isThin(): boolean {
    return this.#lowestPlace > 0 && this.#items.length < this.#limits.items / 2;
  }

  slot(seq: number): Slot | undefined {
    return this.#ring.slot(seq);
  }

  /** False if no entry from the floor to the head touches the filter. */
  mayTouch(filter: Filter): boolean {
    return this.#ring.mayTouch(filter);
  }

  item(id: string): PublicItem | undefined {
    return this.#facets.has(id) ? this.#items.find((item) => item.id === id) : undefined;
  }

  /** `gap`: earlier entries are missing. `epoch`: the entry has another epoch. `rewritten`: the entry follows another entry than our head. */
  apply(entry: Entry): Applied {
    if (entry.epoch !== this.#epoch && this.#epoch !== '') return 'epoch';
    if (entry.seq <= this.head) return 'duplicate';
    if (entry.seq !== this.head + 1) return 'gap';
    if (!follows(entry.before, this.hashAt(this.head))) return 'rewritten';
    this.#epoch = entry.epoch;
    const tombstone = this.#tombstoneOf(entry);
    this.#fold(entry, tombstone);
    this.#remember(entry, tombstone);
    return 'applied';
  }

  /** The newest `limit` items that match the filter, at `head`. */
  snapshot(filter: Filter, limit: number): SnapshotItems {
    const items: PublicItem[] = [];
    for (const item of this.#topics.mayMatch(filter.topics) ? this.#items : []) {
      if (!matches(filter, this.#facets.get(item.id) ?? null)) continue;
      if (items.length === limit) return { items, more: true };
      items.push(item);
    }
    return { items, more: this.#lowestPlace > 0 };
  }

  /** Items that match the filter and were withdrawn in the 48 h before the newest entry, newest place first. Equal in every process. */
  withdrawn(filter: Filter): readonly Withdrawn[] {
    return this.#withdrawals.list(filter, this.#changed.at).filter(({ id }) => this.item(id)?.status !== 'usable');
  }

  /** Times of the newest entry and of the entry before it, ms by Redis' clock; 0 if there is none. Never goes back. */
  get changed(): { readonly at: number; readonly before: number } {
    return this.#changed;
  }

  #fold(entry: Entry, tombstone: Tombstone | null): void {
    const isHeld = entry.place >= this.#lowestPlace;
    if (entry.now !== null && entry.item !== null) {
      if (isHeld) this.#show({ type: 'item', item: entry.item }, entry.itemId, entry.now);
      return;
    }
    const { itemId: id, version } = entry;
    const notice = tombstone?.notice !== undefined && isHeld ? { notice: tombstone.notice, tombstone } : {};
    this.#show({ type: 'removal', id, version, reason: entry.reason ?? 'retracted', ...notice }, id, entry.was);
  }

  #show(effect: Effect, id: string, facets: Facets | null): void {
    const before = this.#items;
    this.#items = fold(before, effect);
    if (this.#items === before) return;
    const isShown = this.#items.some((item) => item.id === id);
    if (isShown && facets) this.#setFacets(id, facets);
    if (!isShown) this.#setFacets(id, null);
    if (this.#items.length > this.#limits.items) this.#dropOldest();
  }

  /** Null when the item is not held any more. */
  #setFacets(id: string, facets: Facets | null): void {
    this.#topics.remove(this.#facets.get(id));
    this.#topics.add(facets);
    if (facets) this.#facets.set(id, facets);
    else this.#facets.delete(id);
  }

  #dropOldest(): void {
    for (const item of this.#items.slice(this.#limits.items)) this.#setFacets(item.id, null);
    this.#items = this.#items.slice(0, this.#limits.items);
    this.#lowestPlace = this.#items.at(-1)?.place ?? 0;
  }

  #remember(entry: Entry, tombstone: Tombstone | null): void {
    this.#ring.push(entry, tombstone);
    this.#withdrawals.apply(entry, this.item(entry.itemId) ?? this.#home);
    this.#changed = { at: Math.max(this.#changed.at, entry.at), before: this.#changed.at };
    const { reason, was } = entry;
    if (entry.now !== null || (reason !== 'retracted' && reason !== 'withheld')) return;
    this.#ring.hide(entry.itemId, entry.seq, { reason, was, tombstone });
    this.#rewrites++;
  }

  /** The tombstone of a shown item that was retracted with a notice. */
  #tombstoneOf(entry: Entry): Tombstone | null {
    if (entry.notice === null || entry.was === null || entry.now !== null) return null;
    const { language, dir } = this.item(entry.itemId) ?? this.#home;
    return {
      id: entry.itemId,
      version: entry.version,
      place: entry.place,
      edition: this.#home.id,
      language,
      dir,
      status: 'retracted',
      updatedAt: wireTime(entry.at),
      notice: entry.notice,
    };
  }
}

/** Entries that are older than the chain have no link. */
function follows(before: string, hash: string): boolean {
  return before === hash || before === '' || hash === '';
}

/** The entries up to the head without a gap. */
function tailOf({ entries, head }: EditionState): readonly Entry[] {
  const first = entries.findLastIndex((entry, index) => entry.seq !== head.seq - (entries.length - 1 - index));
  return entries.slice(first + 1);
}
