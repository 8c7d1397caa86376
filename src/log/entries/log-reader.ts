import type { PublicItem } from '../../item/item.ts';
import type { Entry, Head, ShownItem, Withdrawn } from './entry.ts';

/** What a replica holds is not what the log says: entries have been lost or rewritten, in the same epoch. */
export type Rewritten = 'rewritten';

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
  item(edition: string, id: string): Promise<PublicItem | null>;
}

/** Pub/sub of a set of editions. `onEntry` is called in the order received; holes are the caller's to repair. */
export interface LogFollower {
  /** Resolves once subscribed. `onReady` is called after every (re)subscription: whatever was published before it may be missing. */
  start(callbacks: { onEntry(edition: string, entry: Entry): void; onReady(): void; onLost(): void }): Promise<void>;
  close(): Promise<void>;
}
