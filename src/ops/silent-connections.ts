import type { Socket } from 'node:net';

/** Connections on which nothing has been asked yet: so many an address, so that one of them cannot take up all that a process may hold. */
export class SilentConnections {
  readonly #most: number;
  readonly #addressOf: (socket: Socket) => string | null;
  readonly #addresses = new WeakMap<Socket, string>();
  readonly #counts = new Map<string, number>();

  /** `addressOf` names who a connection counts for; null: nobody, it is a proxy's. */
  constructor(most: number, addressOf: (socket: Socket) => string | null) {
    this.#most = most;
    this.#addressOf = addressOf;
  }

  /** False: its address has too many already, and this one is not counted. */
  enter(socket: Socket): boolean {
    const address = this.#addressOf(socket);
    if (address === null) return true;
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(address, count + 1);
    this.#addresses.set(socket, address);
    socket.once('close', () => this.leave(socket));
    return true;
  }

  /** It has asked for something, or it is gone. */
  leave(socket: Socket): void {
    const address = this.#addresses.get(socket);
    if (address === undefined) return;
    this.#addresses.delete(socket);
    const count = (this.#counts.get(address) ?? 0) - 1;
    if (count > 0) this.#counts.set(address, count);
    else this.#counts.delete(address);
  }
}
