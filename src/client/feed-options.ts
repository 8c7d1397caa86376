import type { PublicItem } from '../item/item.ts';
import type { ReceivedFrame } from '../protocol/frame-parse.ts';
import type { Clock } from './clock.ts';
import type { FeedSocketConstructor } from './connection.ts';
import type { FeedState } from './feed-state.ts';
import type { FeedAddress } from './feed-url.ts';
import type { Signals } from './page-signals.ts';
import type { TransportName } from './transport-choice.ts';

/** The options of `connectFeed`. */
export interface FeedOptions extends Omit<FeedAddress, 'limit'> {
  /**
   * The number of items in a snapshot.
   * @default 20
   */
  readonly limit?: 20 | 50;
  /**
   * A position to resume from, as `stats()` returns it. Without it, or if it is not a position, the feed starts with a snapshot.
   * @example 'k3f9a2xq:1042:9f86d081'
   */
  readonly since?: string;
  /** The items at the position `since`, which the page shows already. The list continues from them. Ignored without `since`. */
  readonly start?: FeedStart;
  /**
   * The largest number of items held and passed to `onItems`.
   * @default the value of `limit`
   */
  readonly keep?: number;
  /** Called after every change with the newest items, highest place first. */
  onItems(items: readonly PublicItem[]): void;
  /** Called with the first state, and after every change of it. */
  onState?(state: FeedState): void;
  /** Called for every applied frame, once and in order, after `onItems`. */
  onFrame?(frame: ReceivedFrame): void;
  /**
   * For Node before 22, such as the one of the `ws` package. Without any the SDK uses server-sent events.
   * @default the global WebSocket
   */
  readonly WebSocket?: FeedSocketConstructor;
  /**
   * Time, for tests.
   * @default the system's clock
   */
  readonly clock?: Clock;
  /**
   * A number in [0, 1) for each delay that is drawn, for tests.
   * @default Math.random
   */
  readonly random?: () => number;
  /**
   * What is known about the network and the page.
   * @default the events `online`, `offline` and `visibilitychange` of the page. In Node there are none.
   */
  readonly signals?: Signals;
}

/** The items of a page that a server has rendered. */
export interface FeedStart {
  /** Highest place first. */
  readonly items: readonly PublicItem[];
  /** Whether older items may exist. */
  readonly more: boolean;
}

/** How a feed is followed at the moment. */
export interface FeedStats {
  readonly transport: TransportName;
  /** The position in the log, for `since`. Null before the first snapshot. */
  readonly position: string | null;
  /** The number of connections after the first. */
  readonly reconnects: number;
}

/** A feed that is being followed. */
export interface FeedHandle {
  /** Ends the connection. No callback runs after it. A second call does nothing. */
  close(): void;
  stats(): FeedStats;
}
