import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** The address that a relayed request counts for. From any other connection the header is ignored. */
export const clientHeader = 'x-flashwire-client';

/** Which clients an edge has stated, on connections of the private socket only. */
export class StatedClients {
  readonly #sockets = new WeakSet<Socket>();

  /** Every connection of this server comes from an edge, which has bounded the headers and adds a few. */
  trust(server: Server): void {
    server.maxHeadersCount = 0;
    server.on('connection', (socket: Socket) => void this.#sockets.add(socket));
  }

  /** Null for a request that did not come from an edge. */
  of({ socket, headers }: IncomingMessage): string | null {
    const stated = headers[clientHeader];
    return this.#sockets.has(socket) && typeof stated === 'string' ? stated : null;
  }
}
