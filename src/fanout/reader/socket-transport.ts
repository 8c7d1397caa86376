import type { Socket } from 'node:net';
import type { Framing } from '../feed/framing.ts';
import type { Clock } from '../scheduling/clock.ts';
import type { BatchMember, SendBatch, SocketHandle } from './send-batch.ts';
import type { Transport } from './transport.ts';

/** The encoding that a stream passes to its `_write` with a Buffer. The published types have only the encodings of strings. */
const ofBytes = 'buffer' as string as BufferEncoding;

/** Bytes of one write that the kernel has not taken. */
interface HeldBytes {
  readonly address: string;
  /** Identity of the bytes, which the readers of a feed share. */
  readonly shared: object;
  readonly bytes: number;
  cut(): void;
}

/** Bounds the bytes that this process holds for clients that do not read. */
export interface UnreadBytes {
  /** May end the connection. */
  hold(held: HeldBytes): void;
  release(held: HeldBytes): void;
}

/** What all connections of a process share. */
export interface SocketDeps {
  readonly clock: Clock;
  readonly noProgressMs: number;
  /** Without it there is no bound. */
  readonly unread?: UnreadBytes;
  /** Sends frames through the native part. Without it Node writes every frame. */
  readonly batch?: SendBatch | undefined;
}

/**
 * Writes whole frames to a TCP socket through `_write`, the layer below the stream's own queue. That makes the same system
 * call, and a frame costs a tenth less without the queue's bookkeeping and its tick for each reader. This class does what the
 * queue would do: it starts no write while another is under way, and a write that fails ends the connection
 * (docs/decisions/0002). Within a slice of the sweep a frame is first collected in the batch, if there is one: it counts as sent as soon
 * as anything is asked of its connection, or the slice ends.
 */
export abstract class SocketTransport implements Transport, BatchMember {
  abstract readonly framing: Framing;
  abstract readonly signsOfLife: number;
  protected readonly socket: Socket;
  readonly #handle: SocketHandle | null;
  readonly #deps: SocketDeps;
  #state: 'new' | 'idle' | 'collected' | 'writing' = 'new';
  /** Bytes that left through the native part, which the socket does not count. */
  #sentPastNode = 0;
  #held: HeldBytes | null = null;
  #flushed: (() => void) | null = null;

  constructor(socket: Socket, deps: SocketDeps) {
    this.socket = socket;
    this.#deps = deps;
    const { _handle: handle } = socket as { readonly _handle?: SocketHandle | null };
    // TLS would have to encrypt the bytes first.
    this.#handle = 'encrypted' in socket ? null : (handle ?? null);
  }

  /** The client address that the connection counts for. */
  abstract readonly address: string;

  get isBusy(): boolean {
    this.#sendCollected();
    return this.#state === 'writing';
  }

  /** Bytes of the connection that have been handed to the kernel or to libuv. */
  protected get bytesWritten(): number {
    return this.socket.bytesWritten + this.#sentPastNode;
  }

  write(bytes: Buffer): void {
    this.#sendCollected();
    // Only asked once: for 10,000 readers, what the processor has to fetch of each of them costs more than what it does with it.
    if (this.#state === 'new' && this.socket.writableCorked > 0) {
      this.#writeFirst(bytes);
      return;
    }
    this.#state = 'collected';
    if (!this.#deps.batch?.add(this, bytes)) this.goOn(bytes, 0);
  }

  /** Null unless all bytes before these have left and more may follow. Bytes that wait in libuv are part of a write under way. */
  get idleHandle(): SocketHandle | null {
    const { socket } = this;
    return socket.writable && socket.writableLength === 0 ? this.#handle : null;
  }

  taken(bytes: number): void {
    this.#state = 'idle';
    this.#sentPastNode += bytes;
  }

  goOn(bytes: Buffer, taken: number): void {
    this.#state = 'writing';
    this.#sentPastNode += taken;
    // A function for each write is garbage at once. One for each connection would stay, and cost it 96 bytes.
    this.socket._write(taken === 0 ? bytes : bytes.subarray(taken), ofBytes, (error) => this.#written(error));
    if (this.#state === 'writing') this.#hold(bytes);
  }

  /** The endpoint has corked the socket and written the head of its answer. Head and frame leave together, 20 µs sooner than apart. */
  #writeFirst(bytes: Buffer): void {
    this.#state = 'writing';
    this.socket.write(bytes, (error) => this.#written(error));
    this.socket.uncork();
    if (this.#state === 'writing') this.#hold(bytes);
  }

  /** Called within `_write` if the kernel takes all bytes at once. */
  #written(error?: Error | null): void {
    this.#state = 'idle';
    if (this.#held) this.#deps.unread?.release(this.#held);
    this.#held = null;
    if (error) this.socket.destroy();
    const flushed = this.#flushed;
    this.#flushed = null;
    flushed?.();
  }

  /** Watches the connection for progress until the callback. */
  whenFlushed(flushed: () => void): void {
    const stopWatching = this.#watchProgress();
    this.#flushed = () => {
      stopWatching();
      flushed();
    };
  }

  close(code: number, reason: string): void {
    this.#sendCollected();
    this.endWith(code, reason);
  }

  terminate(): void {
    this.#sendCollected();
    this.destroy();
  }

  protected abstract endWith(code: number, reason: string): void;
  protected abstract destroy(): void;
  /** Cuts the reader, because the client takes no bytes. */
  protected abstract onNoProgress(): void;

  #sendCollected(): void {
    if (this.#state === 'collected') this.#deps.batch?.flush();
  }

  /** The kernel has not taken all bytes. */
  #hold(bytes: Buffer): void {
    const { clock, unread } = this.#deps;
    if (!unread) return;
    const end = () => {
      this.onNoProgress();
      this.socket.destroy();
    };
    // Not within this write: the ledger has not booked it yet.
    const cut = () => clock.immediate(end);
    this.#held = { address: this.address, shared: bytes, bytes: bytes.length, cut };
    unread.hold(this.#held);
  }

  /**
   * Before Node's idle timer fires, it checks whether the write under way has moved, but incoming bytes reset it. The second
   * timer covers clients that send and never read: one write, however slowly it moves, may take ten times as long.
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
