import type { FeedSocketConstructor } from './connection.ts';
import { httpSockets } from './http-sockets.ts';

/** How the SDK follows a feed: over a WebSocket, a stream of server-sent events, or polls. */
export type TransportName = 'websocket' | 'sse' | 'poll';

/** The transports in the order in which the SDK tries them, and after each the next. */
export const transportNames = ['websocket', 'sse', 'poll'] as const;
const nextRung = [1, 2, 0] as const;

/**
 * Attempts without an answer after which the SDK tries the next transport. One that has worked here before gets four:
 * its server may only be restarting.
 */
const patience = 4;

/** The transport of the next attempt: WebSocket if the network lets it through, else events, else polls, round and round. */
export interface TransportChoice {
  /** Its place in `transportNames`. */
  rung(): 0 | 1 | 2;
  socket(): FeedSocketConstructor;
  /** A transport worth trying while the present one works. */
  better(): FeedSocketConstructor | undefined;
  answered(): void;
  /** An attempt has ended without an answer. */
  failed(): void;
  /** From here on the WebSocket, which has been answered. */
  improve(): void;
}

/** Without a WebSocket (Node 20) it begins with events. */
export function chooseTransport(webSocket: FeedSocketConstructor | undefined): TransportChoice {
  const sockets = [webSocket, ...httpSockets] as const;
  const hasWorked = new Set<number>();
  const first = webSocket ? 0 : 1;
  let rung: 0 | 1 | 2 = first;
  let failures = 0;
  return {
    rung: () => rung,
    socket: () => sockets[rung] ?? sockets[1],
    better: () => (rung === 0 ? undefined : webSocket),
    answered() {
      failures = 0;
      hasWorked.add(rung);
    },
    failed() {
      if (++failures < (hasWorked.has(rung) ? patience : 1)) return;
      failures = 0;
      rung = nextRung[rung] || first;
    },
    improve() {
      rung = 0;
    },
  };
}
