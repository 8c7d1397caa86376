import type { FeedSocketConstructor } from './connection.ts';
import { httpSockets } from './http-socket.ts';

/** How the SDK follows a feed: over a WebSocket, a stream of server-sent events, or polls. */
export type TransportName = 'websocket' | 'sse' | 'poll';

/** The transports in the order in which the SDK tries them, and after each the next. */
const names = ['websocket', 'sse', 'poll'] as const;
const nextRung = [1, 2, 0] as const;

/**
 * Attempts without an answer after which the SDK tries the next transport. One that has worked here before gets four:
 * its server may only be restarting.
 */
const patience = 4;

/** The transport of the next attempt: WebSocket if the network lets it through, else events, else polls, round and round. */
export class TransportChoice {
  readonly #sockets: readonly [FeedSocketConstructor | undefined, FeedSocketConstructor, FeedSocketConstructor];
  readonly #hasWorked = new Set<number>();
  #rung: 0 | 1 | 2;
  #failures = 0;

  /** Without a WebSocket (Node 20) it begins with events. */
  constructor(webSocket: FeedSocketConstructor | undefined) {
    this.#sockets = [webSocket, ...httpSockets];
    this.#rung = webSocket ? 0 : 1;
  }

  get name(): TransportName {
    return names[this.#rung];
  }

  get socket(): FeedSocketConstructor {
    return this.#sockets[this.#rung] ?? this.#sockets[1];
  }

  /** A transport worth trying while the present one works; null if there is none. */
  get better(): FeedSocketConstructor | null {
    return (this.#rung > 0 && this.#sockets[0]) || null;
  }

  answered(): void {
    this.#failures = 0;
    this.#hasWorked.add(this.#rung);
  }

  /** An attempt has ended without an answer. */
  failed(): void {
    this.#failures++;
    if (this.#failures < (this.#hasWorked.has(this.#rung) ? patience : 1)) return;
    this.#failures = 0;
    this.#rung = nextRung[this.#rung];
    if (!this.#sockets[this.#rung]) this.#rung = 1;
  }

  /** The WebSocket has been answered. */
  improve(): void {
    this.#rung = 0;
    this.answered();
  }
}
