import type { Socket } from 'node:net';
import type { Framing } from '../feed/framing.ts';
import type { Clock } from '../scheduling/clock.ts';
import type { Transport } from './transport.ts';

/** What a stream gives its `_write` as the encoding of a Buffer; the published types know only those of strings. */
const ofBytes = 'buffer' as string as BufferEncoding;

interface Held {
  readonly address: string;
  /** The bytes of a write: readers of a feed share them. */
  readonly shared: object;
  readonly bytes: number;
  cut(): void;
}

/** Bounds what clients that do not read make this process hold. */
export interface UnreadBytes {
  /** May end the connection at once. */
  hold(held: Held): void;
  release(held: Held): void;
}

/** What all connections of a process share. */
export interface SocketDeps {
  readonly clock: Clock;
  readonly noProgressMs: number;
  /** No bound if left out. */
  readonly unread?: UnreadBytes;
}

/**
 * Writes whole frames straight to a TCP socket, through `_write`, the layer below the stream's own queue: it makes the
 * same system call, and without the queue's bookkeeping and its tick for each reader a frame costs a tenth less. What the
 * queue would do is done here: nothing is written while a write is under way, and one that fails ends the connection
 * (docs/decisions/0002).
 */
export abstract class SocketTransport implements Transport {
  abstract readonly framing: Framing;
  abstract readonly signsOfLife: number;
  protected readonly socket: Socket;
  readonly #deps: SocketDeps;
  #isBusy = false;
  #held: Held | null = null;
  #flushed: (() => void) | null = null;
  /** One for all writes; called within `_write` when the kernel has taken everything at once. */
  readonly #written = (error?: Error | null) => {
    this.#isBusy = false;
    if (this.#held) this.#deps.unread?.release(this.#held);
    this.#held = null;
    if (error) this.socket.destroy();
    const flushed = this.#flushed;
    this.#flushed = null;
    flushed?.();
  };

  constructor(socket: Socket, deps: SocketDeps) {
    this.socket = socket;
    this.#deps = deps;
  }

  /** Who the connection counts for. */
  abstract readonly address: string;

  get isBusy(): boolean {
    return this.#isBusy;
  }

  write(bytes: Buffer): void {
    this.#isBusy = true;
    this.socket._write(bytes, ofBytes, this.#written);
    if (this.#isBusy) this.#hold(bytes);
  }

  /** Until then the connection is watched for progress. */
  whenFlushed(flushed: () => void): void {
    const stopWatching = this.#watchProgress();
    this.#flushed = () => {
      stopWatching();
      flushed();
    };
  }

  abstract close(code: number, reason: string): void;
  abstract terminate(): void;
  /** The other side takes nothing: it is cut. */
  protected abstract onNoProgress(): void;

  /** The kernel has not taken all of it. */
  #hold(bytes: Buffer): void {
    const { clock, unread } = this.#deps;
    if (!unread) return;
    const end = () => {
      this.onNoProgress();
      this.socket.destroy();
    };
    // Not within this write: its reader is not booked as written to yet.
    const cut = () => clock.immediate(end);
    this.#held = { address: this.address, shared: bytes, bytes: bytes.length, cut };
    unread.hold(this.#held);
  }

  /**
   * Node's idle timer looks whether a write under way has moved before it fires, but anything that is read resets it. The
   * second timer holds for those who send and never read: one write, however it drips, has ten times as long.
   */
  #watchProgress(): () => void {
    const cut = () => this.onNoProgress();
    this.socket.removeAllListeners('timeout');
    const { clock, noProgressMs } = this.#deps;
    this.socket.setTimeout(noProgressMs, cut);
    const cancel = clock.after(noProgressMs * 10, cut);
    return () => {
      cancel();
      this.socket.setTimeout(0);
      this.socket.removeListener('timeout', cut);
    };
  }
}
