import type { Change, PublicItem, RemovalReason, Tombstone, UsableItem } from '../item/item.ts';

/** The reconnect window. A client makes its first retry at a random time in [afterMs, afterMs + withinMs]. */
export interface RetryWindow {
  readonly afterMs: number;
  readonly withinMs: number;
}

/** What a client assumes until the server has announced other values. */
export const defaultBeatMs = 20_000;
export const defaultRetry: RetryWindow = { afterMs: 0, withinMs: 4_000 };

/** The longest delay that a frame can ask for, so that one wrong number cannot silence a page. */
export const longestDelayMs = 600_000;

/** The newest items of a feed. The client replaces its list and its position. */
export interface SnapshotFrame {
  readonly type: 'snapshot';
  readonly epoch: string;
  readonly seq: number;
  /** In every frame with a `seq`: the third part of the position. Absent if there is none. */
  readonly hash?: string;
  readonly items: readonly PublicItem[];
  readonly more: boolean;
  readonly reason: 'start' | 'gap' | 'epoch';
  readonly beatMs: number;
  readonly stale: boolean;
  readonly retry: RetryWindow;
}

/** The answer to a valid position: the client keeps its list. */
export interface ResumedFrame {
  readonly type: 'resumed';
  readonly epoch: string;
  /** The client's own seq. The `missed` frames follow. */
  readonly seq: number;
  readonly hash?: string;
  readonly missed: number;
  readonly beatMs: number;
  readonly stale: boolean;
  readonly retry: RetryWindow;
}

/** An item is new, or has another version. `prev` is the seq of the entry before it in this feed. */
export interface ItemFrame {
  readonly type: 'item';
  readonly seq: number;
  readonly hash?: string;
  readonly prev: number;
  readonly change: Change;
  readonly item: UsableItem;
}

/** An item leaves the feed. */
export interface RemovalFrame {
  readonly type: 'removal';
  readonly seq: number;
  readonly hash?: string;
  readonly prev: number;
  readonly id: string;
  readonly version: number;
  readonly reason: RemovalReason;
  readonly notice?: string;
  /** With a notice: the tombstone that replaces the item, also for a client that never held it. */
  readonly tombstone?: Tombstone;
}

/** Moves the position of a client without news, and carries staleness. */
export interface BeatFrame {
  readonly type: 'beat';
  readonly seq: number;
  readonly hash?: string;
  readonly prev: number;
  readonly stale: boolean;
  /** The current window, which changes with the number of connections. */
  readonly retry?: RetryWindow;
}

/** The server is about to close the connection. The client reconnects within the window. */
export interface ReconnectFrame extends RetryWindow {
  readonly type: 'reconnect';
}

export type EntryFrame = ItemFrame | RemovalFrame;
export type Frame = SnapshotFrame | ResumedFrame | EntryFrame | BeatFrame | ReconnectFrame;
