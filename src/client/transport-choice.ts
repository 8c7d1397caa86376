import type { FeedSocketConstructor } from './connection.ts';
import { httpSockets } from './http-socket.ts';

export type TransportName = 'websocket' | 'sse' | 'poll';

const names: readonly TransportName[] = ['websocket', 'sse', 'poll'];
/** Attempts without an answer after which the next transport is tried: one that has worked here before deserves patience. */
const patience = 4;

/** Which transport the next attempt takes: the WebSocket where it gets through, else events, else polls, round and round. */
export class TransportChoice {
  readonly #sockets: readonly (FeedSocketConstructor | undefined)[];
  readonly #hasWorked = new Set<number>();
  #rung: number;
  #failures = 0;

  /** Without a WebSocket (Node 20) it begins with events. */
  constructor(webSocket: FeedSocketConstructor | undefined) {
    this.#sockets = [webSocket, ...httpSockets];
    this.#rung = webSocket ? 0 : 1;
  }

  get name(): TransportName {
    return names[this.#rung] ?? 'websocket';
  }

  get socket(): FeedSocketConstructor {
    const known = this.#sockets[this.#rung];
    if (!known) throw new TypeError('no transport');
    return known;
  }

  /** What is worth trying beside a transport that works; null: there is nothing better. */
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
    this.#rung = (this.#rung + 1) % names.length;
    if (!this.#sockets[this.#rung]) this.#rung = 1;
  }

  /** The WebSocket has been answered. */
  improve(): void {
    this.#rung = 0;
    this.answered();
  }
}
