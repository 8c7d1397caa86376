import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { closeCodes } from '../protocol/close-code.ts';
import type { Clock } from './clock.ts';
import { wsFraming } from './framing.ts';
import type { Reader } from './reader.ts';
import type { Transport } from './transport.ts';

/** What a stream gives its `_write` as the encoding of a Buffer; the published types know only those of strings. */
const ofBytes = 'buffer' as string as BufferEncoding;

/** A WebSocket that knows its reader, so that listeners can be shared by all of them. */
export class ReaderSocket extends WebSocket {
  reader: Reader | null = null;
  address = '';
  /** Messages in the current window, and when it began. */
  messages = 0;
  messagesSince = 0;

  /** Also called by ws, when the other side closes or breaks the protocol: after a close frame nothing may follow. */
  override close(code?: number, reason?: string | Buffer): void {
    this.reader?.leave();
    super.close(code, reason);
  }

  override terminate(): void {
    this.reader?.leave();
    super.terminate();
  }
}

/**
 * Writes whole server frames straight to the TCP socket under a WebSocket. `ws` does the rest (handshake, parsing, pongs,
 * closing) and writes whole frames too, so the two never cut into each other.
 *
 * Frames go in through `_write`, the layer below the stream's own queue: it makes the same system call, and without the
 * queue's bookkeeping and its tick for each reader a frame costs a tenth less. What the queue would do is done here:
 * nothing is written while a write is under way, and one that fails ends the connection (docs/decisions/0002).
 */
export class WsTransport implements Transport {
  readonly framing = wsFraming;
  readonly #webSocket: ReaderSocket;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #noProgressMs: number;
  #isBusy = false;
  #flushed: (() => void) | null = null;
  /** One for all writes; called within `_write` when the kernel has taken everything at once. */
  readonly #written = (error?: Error | null) => {
    this.#isBusy = false;
    if (error) this.#socket.destroy();
    const flushed = this.#flushed;
    this.#flushed = null;
    flushed?.();
  };

  constructor(webSocket: ReaderSocket, socket: Socket, clock: Clock, noProgressMs: number) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#clock = clock;
    this.#noProgressMs = noProgressMs;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  write(bytes: Buffer): void {
    this.#isBusy = true;
    this.#socket._write(bytes, ofBytes, this.#written);
  }

  /** Until then the connection is watched for progress. */
  whenFlushed(flushed: () => void): void {
    const stopWatching = this.#watchProgress();
    this.#flushed = () => {
      stopWatching();
      flushed();
    };
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  /**
   * Node's idle timer looks whether a write under way has moved before it fires, but anything that is read resets it. The
   * second timer holds for those who send and never read: one write, however it drips, has ten times as long.
   */
  #watchProgress(): () => void {
    const cut = () => this.#webSocket.reader?.cut(closeCodes.noProgress, 'no progress');
    this.#socket.removeAllListeners('timeout');
    this.#socket.setTimeout(this.#noProgressMs, cut);
    const cancel = this.#clock.after(this.#noProgressMs * 10, cut);
    return () => {
      cancel();
      this.#socket.setTimeout(0);
      this.#socket.removeListener('timeout', cut);
    };
  }
}
