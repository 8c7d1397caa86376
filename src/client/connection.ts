import type { Clock } from './clock.ts';

/** The part of a WebSocket that a reader needs; the browser's, Node's and the one of the `ws` package all have it. */
export interface FeedSocket {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
  close(code?: number): void;
}

export type FeedSocketConstructor = new (url: string) => FeedSocket;

interface ConnectionOptions {
  readonly url: string;
  readonly WebSocket: FeedSocketConstructor;
  readonly clock: Clock;
  /** Silence for longer than this is a loss; counts from the start of the handshake. */
  readonly silenceMs: number;
  onText(text: string): void;
  /** Called once, and never after `close()`. 1006 when there was no close frame. */
  onLost(code: number): void;
}

/** One socket, from its handshake to its loss. Knows nothing of frames; notices silence by itself. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: FeedSocket | null;
  #isOver = false;
  #silenceMs: number;
  #heardAt: number;
  #cancelWatch: () => void;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#silenceMs = options.silenceMs;
    this.#heardAt = options.clock.now();
    this.#cancelWatch = options.clock.after(this.#silenceMs, () => this.check());
    this.#socket = this.#connect();
  }

  /** The server has announced its beat. */
  allowSilence(ms: number): void {
    this.#silenceMs = ms;
    this.#watch();
  }

  /** Gives up a socket that has been silent for too long: a timer that slept with the machine may be late, so ask after waking too. */
  check(): void {
    if (this.#isOver) return;
    if (this.#options.clock.now() - this.#heardAt >= this.#silenceMs) this.#lose(1006);
    else this.#watch();
  }

  /** Ends the socket without a word to `onLost`. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelWatch();
    this.#socket?.close();
  }

  /** A browser that will not even try (a page over https, a server without) throws: a loss like any other. */
  #connect(): FeedSocket | null {
    const { WebSocket, url } = this.#options;
    try {
      const socket = new WebSocket(url);
      socket.addEventListener('message', (event) => this.#hear(event.data));
      socket.addEventListener('close', (event) => this.#lose(event.code));
      socket.addEventListener('error', () => {}); // a close event always follows; Node needs a listener
      return socket;
    } catch {
      queueMicrotask(() => this.#lose(1006));
      return null;
    }
  }

  #hear(data: unknown): void {
    if (this.#isOver) return;
    this.#heardAt = this.#options.clock.now();
    if (typeof data === 'string') this.#options.onText(data);
  }

  #watch(): void {
    this.#cancelWatch();
    const left = this.#heardAt + this.#silenceMs - this.#options.clock.now();
    this.#cancelWatch = this.#options.clock.after(Math.max(1, left), () => this.check());
  }

  #lose(code: number): void {
    if (this.#isOver) return;
    this.close();
    this.#options.onLost(code);
  }
}
