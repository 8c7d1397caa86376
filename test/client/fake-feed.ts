import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

/** One connection as the fake feed sees it. */
export interface FakeReader {
  readonly query: URLSearchParams;
  readonly socket: WebSocket;
  send(frame: object | string): void;
}

/** A server on a real socket that sends what a test scripts. It can serve pages too. */
export class FakeFeed implements AsyncDisposable {
  readonly readers: FakeReader[] = [];
  readonly #server;
  readonly #sockets;
  #welcome: ((query: URLSearchParams) => object | null) | null = null;

  private constructor(listener?: RequestListener) {
    this.#server = createServer(listener);
    this.#sockets = new WebSocketServer({ server: this.#server });
    this.#sockets.on('connection', (socket, request) => {
      const query = new URL(request.url ?? '', 'http://feed').searchParams;
      const send = (frame: object | string) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
      this.readers.push({ query, socket, send });
      const frame = this.#welcome?.(query);
      if (frame) send(frame);
    });
  }

  static async start(listener?: RequestListener): Promise<FakeFeed> {
    const feed = new FakeFeed(listener);
    feed.#server.listen(0, '127.0.0.1');
    await once(feed.#server, 'listening');
    return feed;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** The first frame of every new connection. */
  welcomeWith(frameFor: (query: URLSearchParams) => object | null): void {
    this.#welcome = frameFor;
  }

  /** Waits for the n-th connection, from 0. */
  async reader(index: number): Promise<FakeReader> {
    await expect.poll(() => this.readers.length, { timeout: 15_000, interval: 5 }).toBeGreaterThan(index);
    const reader = this.readers[index];
    if (!reader) throw new Error(`no reader ${index}`);
    return reader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.readers) socket.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
