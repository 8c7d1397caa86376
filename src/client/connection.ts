import type { Clock } from './clock.ts';

/** The part of a WebSocket that the SDK needs. The browser's, Node's and the one of the `ws` package have it. */
export interface FeedSocket {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
  close(code?: number): void;
}

/** Opens a socket to `url`, which is a `ws:` or `wss:` address. It may throw: that counts as a lost connection. */
export type FeedSocketConstructor = new (url: string) => FeedSocket;

/** RW-1: a connection that receives nothing for a beat and this long is lost. Before the first frame there is no beat. */
const graceMs = 10_000;

interface ConnectionOptions {
  readonly url: string;
  readonly WebSocket: FeedSocketConstructor;
  readonly clock: Clock;
  onText(text: string): void;
  /** Called once, and never after `close()`. 1006 when there was no close frame. */
  onLost(code: number): void;
}

/** One socket, from its handshake to its loss. Knows nothing of frames. Detects silence itself. */
export interface Connection {
  /** The server has announced that it sends a frame every `beatMs`. */
  allowSilence(beatMs: number): void;
  /** Ends a socket that has been silent for too long. A timer that slept with the machine may be late, so a page also asks when it is visible again. */
  check(): void;
  /** Ends the socket without calling `onLost`. */
  close(): void;
}

export function openConnection({ url, WebSocket, clock, onText, onLost }: ConnectionOptions): Connection {
  let allowedMs = graceMs;
  let socket: FeedSocket | undefined;
  let isOver = false;
  let heardAt = clock.now();
  let cancelWatch: (() => void) | undefined;

  function watch(): void {
    cancelWatch?.();
    cancelWatch = clock.after(heardAt + allowedMs - clock.now(), check);
  }

  function check(): void {
    if (clock.now() - heardAt >= allowedMs) lose(1006);
    else watch();
  }

  function close(): void {
    isOver = true;
    cancelWatch?.();
    socket?.close();
  }

  function lose(code: number): void {
    if (isOver) return;
    close();
    onLost(code);
  }

  watch();
  try {
    socket = new WebSocket(url);
    socket.addEventListener('message', ({ data }) => {
      if (isOver) return;
      heardAt = clock.now();
      if (typeof data === 'string') onText(data);
    });
    socket.addEventListener('close', ({ code }) => lose(code));
    socket.addEventListener('error', () => {}); // a close event always follows; Node needs a listener
  } catch {
    // A browser that refuses to try throws (ws: on a page over https). That is a loss like any other.
    queueMicrotask(() => lose(1006));
  }
  return {
    allowSilence(beatMs) {
      allowedMs = beatMs + graceMs;
      watch();
    },
    check,
    close,
  };
}
