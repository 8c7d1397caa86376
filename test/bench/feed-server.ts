import { once } from 'node:events';
import { type WebSocket, WebSocketServer } from 'ws';

/** A feed that sends what a test tells it to, right or wrong. */
export interface FeedServer extends AsyncDisposable {
  readonly url: string;
  readonly sockets: ReadonlySet<WebSocket>;
  /** Source addresses of all connections so far. */
  readonly addresses: ReadonlySet<string>;
  send(...frames: readonly string[]): void;
}

/** `greet` is called with each new connection and the position that it came with. */
export async function startFeedServer(greet: (socket: WebSocket, since: string | null) => void): Promise<FeedServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const addresses = new Set<string>();
  server.on('connection', (socket, request) => {
    addresses.add(request.socket.remoteAddress ?? '');
    greet(socket, new URL(request.url ?? '/', 'http://feed').searchParams.get('since'));
  });
  return {
    url: `http://127.0.0.1:${address.port}`,
    sockets: server.clients,
    addresses,
    send: (...frames) => {
      for (const socket of server.clients) for (const frame of frames) socket.send(frame);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
