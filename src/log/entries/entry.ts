import type { Change, Direction, Facets, PublicItem, RemovalReason, UsableItem, Withdrawal } from '../../item/item.ts';

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
  readonly kind: Withdrawal;
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

/** An item as a replica holds it: shown, or a notice that is still due. */
export interface ShownItem {
  readonly facets: Facets;
  readonly item: PublicItem;
}
