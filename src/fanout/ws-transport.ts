import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { closeCodes } from '../protocol/close-code.ts';
import type { Clock } from './clock.ts';
import { wsFraming } from './framing.ts';
import type { Reader } from './reader.ts';
import type { Transport } from './transport.ts';

const nothing = Buffer.alloc(0);
/** What a stream gives its `_write` as the encoding of a Buffer; the published types know only those of strings. */
const ofBytes = 'buffer' as string as BufferEncoding;

/** A WebSocket that knows its reader, so that listeners can be shared by all of them. */
export class ReaderSocket extends WebSocket {
  reader: Reader | null = null;
  address = '';
  /** Messages in the current window, and when it began. */
  messages = 0;
  messagesSince = 0;
}

/**
 * Writes whole server frames straight to the TCP socket under a WebSocket. `ws` does the rest (handshake, parsing, pongs,
 * closing) and writes whole frames too, so the two never cut into each other.
 *
 * Frames go in through `_write`, the layer below the stream's own queue: it does the same system call, and without the
 * queue's bookkeeping and its tick for each reader a frame costs the process a tenth less. What the queue would do is done
 * here: nothing is written while a write is under way, and a failed one ends the connection.
 */
export class WsTransport implements Transport {
  readonly framing = wsFraming;
  readonly #webSocket: ReaderSocket;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #noProgressMs: number;
  #isWriting = false;
  /** One for all writes of this reader; called within `_write` when the kernel has taken everything at once. */
  readonly #written = (error?: Error | null) => {
    this.#isWriting = false;
    if (error) this.#socket.destroy();
  };

  constructor(webSocket: ReaderSocket, socket: Socket, clock: Clock, noProgressMs: number) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#clock = clock;
    this.#noProgressMs = noProgressMs;
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === WebSocket.OPEN;
  }

  get isBusy(): boolean {
    return this.#isWriting || this.#socket.writableLength > 0;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  write(bytes: Buffer): void {
    this.#isWriting = true;
    this.#socket._write(bytes, ofBytes, this.#written);
  }

  /**
   * `drain` comes only after a write that returned false, so an empty write is queued behind what is under way: its
   * callback comes when that has gone. Until then the connection is watched for progress.
   */
  whenFlushed(flushed: () => void): void {
    const stopWatching = this.#watchProgress();
    this.#socket.write(nothing, () => {
      stopWatching();
      flushed();
    });
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
