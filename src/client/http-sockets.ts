import type { FeedSocketConstructor } from './connection.ts';
import { eventsSocket, pollsSocket } from './http-socket.ts';

/** In the order in which the SDK tries them after the WebSocket. The ticker has a shorter list (scripts/build-browser.mjs). */
export const httpSockets: readonly [FeedSocketConstructor, FeedSocketConstructor] = [eventsSocket, pollsSocket];
