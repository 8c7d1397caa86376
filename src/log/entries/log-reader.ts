import type { PublicItem } from '../../item/item.ts';
import type { Entry, Head, ShownItem, Withdrawn } from './entry.ts';

/** The part of the log that a fan-out process reads. Every method rejects while Redis is unreachable. None retries. */
export interface LogReader {
  head(edition: string): Promise<Head>;
  /** At most as many items and entries as the limits say. */
  load(edition: string, limits: { readonly items: number; readonly entries: number }): Promise<EditionState>;
  /**
   * The entries after `after` up to the head, oldest first. It reads the entry at `after` again: `rewritten` if that is another
   * one. Null if the stream no longer reaches back that far.
   */
  range(edition: string, after: Head): Promise<readonly Entry[] | Rewritten | null>;
  /** Reports that the history of this epoch was rewritten. The log takes a new epoch within a second. */
  suspect(edition: string, epoch: string): Promise<void>;
  /** Shown items below the place `before`, newest first. */
  history(edition: string, before: number, limit: number): Promise<OlderRead>;
  /** An item of any age, or its tombstone; null if it was never out or is past its retention. */
  item(edition: string, id: string): Promise<PublicItem | null>;
}

/** Receives the entries of editions by pub/sub. `onEntry` is called in the order of arrival. The caller repairs gaps. */
export interface LogFollower {
  /** Resolves once subscribed. `onReady` is called after every subscription: entries published before it may be missing. */
  start(callbacks: { onEntry(edition: string, entry: Entry): void; onReady(): void; onLost(): void }): Promise<void>;
  close(): Promise<void>;
}

/** The replica differs from the log: entries of the same epoch were lost or rewritten. */
export type Rewritten = 'rewritten';

/** A replica starts from this: shown items exactly as of `head`, newest place first, and the newest entries. */
export interface EditionState {
  readonly head: Head;
  readonly items: readonly ShownItem[];
  /** `items` has every shown item with at least this place. 0: it has every shown item. */
  readonly floor: number;
  /** Consecutive, oldest first. The last one has the seq of `head`. */
  readonly entries: readonly Entry[];
  /** Items withdrawn in the last 48 h, at most the newest 500, as of `head` or a moment later. */
  readonly withdrawn?: readonly Withdrawn[];
}

/** One read of the shown items below a place. */
export interface OlderRead {
  /** Newest place first. Items that were withdrawn during the read are missing. */
  readonly items: readonly ShownItem[];
  /** How many items were read, also those that are missing. */
  readonly looked: number;
  /** The lowest place that was read; null if there is no item below. */
  readonly lowest: number | null;
}
