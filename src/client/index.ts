/** The browser SDK: follow a feed, get the items as they stand. Works in Node too (22 or newer, or with a WebSocket passed in). */
export type { PublicItem, Tombstone, UsableItem } from '../item/item.ts';
export { lineOf } from '../item/item.ts';
export type { ReceivedFrame } from '../protocol/frame-parse.ts';
export type { Clock } from './clock.ts';
export type { FeedSocket, FeedSocketConstructor } from './connection.ts';
export { connectFeed, type FeedHandle, type FeedOptions, type FeedState } from './feed.ts';
export type { SignalListener, Signals } from './page-signals.ts';
