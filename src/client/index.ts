/** The SDK: follows a feed in a browser or in Node. docs/sdk.md describes it, docs/sdk-api.md has its types. */
export type { ItemImage, ItemLink, ItemQuote, PublicItem, Tombstone, UsableItem } from '../item/item.ts';
export { lineOf } from '../item/item.ts';
export type { ReceivedFrame } from '../protocol/frame-parse.ts';
export type { Clock } from './clock.ts';
export type { FeedSocket, FeedSocketConstructor } from './connection.ts';
export { connectFeed } from './feed.ts';
export type { FeedHandle, FeedOptions, FeedStart, FeedStats } from './feed-options.ts';
export type { FeedState } from './feed-state.ts';
export type { SignalListener, Signals } from './page-signals.ts';
export type { TransportName } from './transport-choice.ts';
