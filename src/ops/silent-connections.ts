import type { Socket } from 'node:net';

/** Limits the connections of one address that have not sent a request, so that one address cannot take every connection of a process. */
export class SilentConnections {
  readonly #most: number;
  readonly #addressOf: (socket: Socket) => string | null;
  readonly #addresses = new WeakMap<Socket, string>();
  readonly #counts = new Map<string, number>();
  /** One listener for all connections, removed with the first request: a closure of its own would cost each reader 300 bytes. */
  readonly #onClose: (this: Socket) => void;

  /** `addressOf` is the address that a connection counts for; null: it is not counted, because it belongs to a proxy. */
  constructor(most: number, addressOf: (socket: Socket) => string | null) {
    this.#most = most;
    this.#addressOf = addressOf;
    const leave = (socket: Socket) => this.leave(socket);
    this.#onClose = function () {
      leave(this);
    };
  }

  /** False: its address has too many already; this connection is not counted. */
  enter(socket: Socket): boolean {
    const address = this.#addressOf(socket);
    if (address === null) return true;
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(address, count + 1);
    this.#addresses.set(socket, address);
    socket.on('close', this.#onClose);
    return true;
  }

  /** It has sent a request, or it is closed. */
  leave(socket: Socket): void {
    const address = this.#addresses.get(socket);
    if (address === undefined) return;
    this.#addresses.delete(socket);
    socket.off('close', this.#onClose);
    const count = (this.#counts.get(address) ?? 0) - 1;
    if (count > 0) this.#counts.set(address, count);
    else this.#counts.delete(address);
  }
}
