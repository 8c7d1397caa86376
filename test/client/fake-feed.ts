import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

/** One reader as the fake feed sees it. */
export interface FakeReader {
  readonly query: URLSearchParams;
  readonly socket: WebSocket;
  send(frame: object | string): void;
}

/** A server that speaks the feed's protocol exactly as a test scripts it, on a real socket; pages can be served beside it. */
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

  /** What every new reader is told first. */
  welcomeWith(frameFor: (query: URLSearchParams) => object | null): void {
    this.#welcome = frameFor;
  }

  /** The n-th reader that has ever come (from 0), waited for. */
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
