import type { Change, Direction, Facets, RemovalReason, UsableItem } from '../../item/item.ts';

/**
 * One entry of an edition's log, as pub/sub delivers it and as a read of the stream restores it. `item` is the text of
 * the version that this entry published: null where the entry shows nothing, and null when the text has been erased
 * since (then `now` is not null, and the entry counts as a removal with reason `retracted`).
 */
export interface Entry {
  readonly epoch: string;
  readonly seq: number;
  readonly commandId: string;
  readonly itemId: string;
  readonly version: number;
  readonly place: number;
  /** Redis' clock at the append, ms. */
  readonly at: number;
  /** Facets before this entry; null where the item was not shown. A notice still in its place counts as shown. */
  readonly was: Facets | null;
  /** Facets after it; null where the item is not shown. */
  readonly now: Facets | null;
  readonly change: Change | null;
  readonly reason: RemovalReason | null;
  /** On a retraction: what readers see in the line's place until the entry that takes it away. */
  readonly notice: string | null;
  /** SHA-256 of the body, hex; empty where the entry carries none. */
  readonly digest: string;
  /** Its link of the chain and that of the entry before it, hex; empty on entries from before there was a chain. */
  readonly hash: string;
  readonly before: string;
  readonly item: UsableItem | null;
  /** Where the entry took an item back; absent in what an older worker sent. */
  readonly withdrawn?: Withdrawn;
}

/** What feeds say for 48 h of an item that was shown and was taken back. Never carries the item's text. */
export interface Withdrawn {
  readonly id: string;
  readonly version: number;
  readonly place: number;
  readonly kind: 'retracted' | 'withheld' | 'expired';
  /** Redis' clock at the append, ms. */
  readonly at: number;
  readonly facets: Facets;
  readonly language: string;
  readonly dir: Direction;
  /** The public notice of a retraction, however old the item was. */
  readonly notice: string | null;
}

/** The newest position of an edition; `seq` 0 is an empty log. */
export interface Head {
  readonly epoch: string;
  readonly seq: number;
  /** The newest link of the chain, hex; empty where there is none. */
  readonly hash: string;
}

/** What a replica holds is not what the log says: entries have been lost or rewritten, in the same epoch. */
export type Rewritten = 'rewritten';

/** An item as a replica holds it: shown, or a notice that is still due. */
export interface ShownItem {
  readonly facets: Facets;
  readonly item: import('../../item/item.ts').PublicItem;
}

/** What a replica starts from: every shown item (newest place first) exactly as they stand at `head`, and the newest entries. */
export interface EditionState {
  readonly head: Head;
  readonly items: readonly ShownItem[];
  /** Every shown item with at least this place is among `items`; 0: every one that there is. */
  readonly floor: number;
  /** Consecutive, oldest first, the last one is `head.seq`. */
  readonly entries: readonly Entry[];
  /** What was taken back in the last 48 h, the newest 500; as of `head` or a moment later. */
  readonly withdrawn?: readonly Withdrawn[];
}

/** What was read of the shown items below a place. */
export interface OlderRead {
  /** Newest place first; some of the items that were looked at may be gone. */
  readonly items: readonly ShownItem[];
  /** How many were looked at. */
  readonly looked: number;
  /** The lowest place that was looked at; null: there is nothing below what was read. */
  readonly lowest: number | null;
}

/** What a fan-out process needs of the log. Every method rejects when Redis is away; none retries by itself. */
export interface LogReader {
  head(edition: string): Promise<Head>;
  load(edition: string, limits: { readonly items: number; readonly entries: number }): Promise<EditionState>;
  /**
   * Entries after `after` up to the head, oldest first, once the one that stands there has been read again; null when the
   * stream no longer reaches back that far.
   */
  range(edition: string, after: Head): Promise<readonly Entry[] | Rewritten | null>;
  /** Says that this epoch's history is not what was read of it before; the log takes a new epoch within a second. */
  suspect(edition: string, epoch: string): Promise<void>;
  /** Older shown items below `before` (a place), newest first. */
  history(edition: string, before: number, limit: number): Promise<OlderRead>;
  /** One item or what is left of it, whatever its age. */
  item(edition: string, id: string): Promise<import('../../item/item.ts').PublicItem | null>;
}

/** Pub/sub of a set of editions. `onEntry` is called in the order received; holes are the caller's to repair. */
export interface LogFollower {
  /** Resolves once subscribed. `onReady` is called after every (re)subscription: whatever was published before it may be missing. */
  start(callbacks: { onEntry(edition: string, entry: Entry): void; onReady(): void; onLost(): void }): Promise<void>;
  close(): Promise<void>;
}
