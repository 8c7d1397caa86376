import type { Change, Direction, Facets, PublicItem, RemovalReason, UsableItem, Withdrawal } from '../../item/item.ts';

/**
 * One entry of an edition's log, from pub/sub or from the stream. `item` is the text of the version that the entry published. It
 * is null if the entry shows nothing, and if the text was erased later (then `now` is not null, and the entry counts as a removal
 * with reason `retracted`).
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
  /** Facets before this entry; null if the item was not shown. A notice in its place counts as shown. */
  readonly was: Facets | null;
  /** Facets after this entry; null if the item is not shown. */
  readonly now: Facets | null;
  readonly change: Change | null;
  readonly reason: RemovalReason | null;
  /** On a retraction: the notice that readers see in the item's place, until another entry removes it. */
  readonly notice: string | null;
  /** SHA-256 of the body, hex; empty without a body. */
  readonly digest: string;
  /** Its link of the chain and the link of the entry before it, hex; empty on entries from before the chain. */
  readonly hash: string;
  readonly before: string;
  readonly item: UsableItem | null;
  /** If the entry withdrew an item; absent in messages of an older worker. */
  readonly withdrawn?: Withdrawn;
}

/** An item that was shown and then withdrawn, as feeds list it for 48 h. Never has the item's text. */
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
  /** The public notice of a retraction, whatever the item's age. */
  readonly notice: string | null;
}

/** The newest entry of an edition. `seq` 0: the log is empty. */
export interface Head {
  readonly epoch: string;
  readonly seq: number;
  /** Its link of the chain, hex; empty without one. */
  readonly hash: string;
}

/** An item in a replica: a shown item, or a notice that is still shown. */
export interface ShownItem {
  readonly facets: Facets;
  readonly item: PublicItem;
}
