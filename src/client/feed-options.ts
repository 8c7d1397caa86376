import type { PublicItem } from '../item/item.ts';
import type { ReceivedFrame } from '../protocol/frame-parse.ts';
import type { Clock } from './clock.ts';
import type { FeedSocketConstructor } from './connection.ts';
import type { FeedAddress } from './feed-url.ts';
import type { Signals } from './page-signals.ts';
import type { TransportName } from './transport-choice.ts';

/** What a reader can be told about the feed; `delayed`: connected, but the server itself has lost sight of the log. */
export type FeedState =
  | { readonly type: 'connecting' }
  | { readonly type: 'live' }
  | { readonly type: 'delayed' }
  | { readonly type: 'catching up' }
  /** `since`: ms, when the connection was lost. `retrying` is false when the server has said not to come back. */
  | { readonly type: 'offline'; readonly since: number; readonly retrying: boolean };

export interface FeedOptions extends Omit<FeedAddress, 'limit'> {
  /** Items asked for and shown: 20 (default) or 50. */
  readonly limit?: 20 | 50;
  /** A position to go on from; without it the feed starts with a snapshot. */
  readonly since?: string;
  /** What the page shows already, as it stood at `since`: the list goes on from it. */
  readonly start?: FeedStart;
  /** Items held and handed over at most; `limit` if left out. */
  readonly keep?: number;
  /** The newest items, newest place first, after every change. */
  onItems(items: readonly PublicItem[]): void;
  onState?(state: FeedState): void;
  /** Every frame that was applied, once and in order, after `onItems`. */
  onFrame?(frame: ReceivedFrame): void;
  /** For Node before 22, which otherwise follows the feed as server-sent events. */
  readonly WebSocket?: FeedSocketConstructor;
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly signals?: Signals;
}

/** The items of a page that a server has rendered. */
export interface FeedStart {
  /** Newest place first. */
  readonly items: readonly PublicItem[];
  /** Whether older items may exist. */
  readonly more: boolean;
}

/** For those who look at how a feed is followed. */
export interface FeedStats {
  readonly transport: TransportName;
  /** Where the reader stands; null before the first snapshot. */
  readonly position: string | null;
  /** Connections after the first. */
  readonly reconnects: number;
}

export interface FeedHandle {
  close(): void;
  stats(): FeedStats;
}
