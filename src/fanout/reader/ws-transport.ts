import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { closeCodes } from '../../protocol/close-code.ts';
import { wsFraming } from '../feed/framing.ts';
import type { Reader } from './reader.ts';
import { type SocketDeps, SocketTransport } from './socket-transport.ts';

/** A WebSocket that knows its reader, so that all sockets can share their listeners. */
export class ReaderSocket extends WebSocket {
  reader: Reader | null = null;
  address = '';
  /** Messages, and pings and pongs, in the current window; and when it began. */
  messages = 0;
  controls = 0;
  windowSince = 0;
  onControl: ((webSocket: ReaderSocket) => void) | null = null;

  /** Counts pings and pongs here, at no memory per reader; two listeners would cost 96 bytes. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event === 'ping' || event === 'pong') this.onControl?.(this);
    return super.emit(event, ...values);
  }

  /** ws also calls it when the client closes or breaks the protocol. No frame may follow a close frame. */
  override close(code?: number, reason?: string | Buffer): void {
    this.reader?.leave();
    super.close(code, reason);
  }

  override terminate(): void {
    this.reader?.leave();
    super.terminate();
  }
}

/** A WebSocket. `ws` does handshake, parsing, pongs and closing. It also writes whole frames, so its frames and ours cannot interleave. */
export class WsTransport extends SocketTransport {
  readonly framing = wsFraming;
  readonly #webSocket: ReaderSocket;

  constructor(webSocket: ReaderSocket, socket: Socket, deps: SocketDeps) {
    super(socket, deps);
    this.#webSocket = webSocket;
  }

  get address(): string {
    return this.#webSocket.address;
  }

  /** Every byte from the client counts. */
  get signsOfLife(): number {
    return this.socket.bytesRead;
  }

  protected endWith(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  protected destroy(): void {
    this.#webSocket.terminate();
  }

  protected onNoProgress(): void {
    this.#webSocket.reader?.cut(closeCodes.noProgress, 'no progress');
  }
}
