/** The browser SDK: follow a feed, get the items as they stand. Works in Node too; before 22 without a WebSocket of its own. */
export type { PublicItem, Tombstone, UsableItem } from '../item/item.ts';
export { lineOf } from '../item/item.ts';
export type { ReceivedFrame } from '../protocol/frame-parse.ts';
export type { Clock } from './clock.ts';
export type { FeedSocket, FeedSocketConstructor } from './connection.ts';
export { connectFeed } from './feed.ts';
export type { FeedHandle, FeedOptions, FeedStart, FeedState, FeedStats } from './feed-options.ts';
export type { SignalListener, Signals } from './page-signals.ts';
export type { TransportName } from './transport-choice.ts';
