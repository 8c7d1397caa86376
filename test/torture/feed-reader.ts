import { WebSocket } from 'ws';
import { type Cursor, follow, startCursor } from '../../src/client/cursor.ts';
import { parseFrame } from '../../src/protocol/frame-parse.ts';
import { formatPosition } from '../../src/protocol/position.ts';
import type { History } from './history.ts';

const keep = 200;

export interface FeedReaderOptions {
  readonly name: string;
  readonly history: History;
  readonly query: string;
  readonly random: () => number;
  /** A reader that hears nothing for so long comes back, perhaps elsewhere. */
  readonly silenceMs: number;
  /** Ports of all fan-outs. */
  ports(): readonly number[];
}

/** A reader by the rule of PROTOCOL.md, that writes down each frame before it believes it. */
export class FeedReader {
  readonly #options: FeedReaderOptions;
  readonly #versions = new Map<string, number>();
  #cursor: Cursor = startCursor(null);
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #isWelcome = false;

  constructor(options: FeedReaderOptions) {
    this.#options = options;
    this.#open();
  }

  get name(): string {
    return this.#options.name;
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Connected, greeted, and told that nothing is stale. */
  get isLive(): boolean {
    return this.#isWelcome && !this.#cursor.stale;
  }

  /** Whether it has been told of this version of an item, shown or taken away. */
  hasSeen(id: string, version: number): boolean {
    return (this.#versions.get(id) ?? 0) >= version;
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket?.terminate();
  }

  #open(): void {
    const { random, query } = this.#options;
    const ports = this.#options.ports();
    const port = ports[Math.floor(random() * ports.length)];
    const { position } = this.#cursor;
    const since = position ? `&since=${formatPosition(position)}` : '';
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/feed?${query}${since}`, { handshakeTimeout: 2_000 });
    this.#socket = socket;
    this.#isWelcome = false;
    this.#listen(socket);
    socket.on('message', (data) => {
      if (socket !== this.#socket) return;
      this.#listen(socket);
      this.#take(socket, String(data));
    });
    socket.on('error', () => undefined); // its close follows
    socket.on('close', () => {
      if (socket === this.#socket) this.#again();
    });
  }

  #listen(socket: WebSocket): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      socket.terminate();
      this.#again();
    }, this.#options.silenceMs);
  }

  #again(): void {
    clearTimeout(this.#timer);
    this.#socket = null;
    this.#isWelcome = false;
    if (!this.#isOver) this.#timer = setTimeout(() => this.#open(), 50 + this.#options.random() * 250);
  }

  #take(socket: WebSocket, text: string): void {
    const { history, name } = this.#options;
    history.add({ e: 'heard', at: history.now(), reader: name, frame: text });
    const frame = parseFrame(text);
    if (!frame) throw new Error(`not a frame: ${text}`);
    const step = follow(this.#cursor, frame, keep);
    if (step.type === 'hole') {
      history.add({ e: 'hole', at: history.now(), reader: name });
      socket.terminate();
      this.#again();
      return;
    }
    if (step.type === 'applied') this.#cursor = step.cursor;
    if (frame.type === 'item') this.#versions.set(frame.item.id, frame.item.version);
    if (frame.type === 'removal') this.#versions.set(frame.id, frame.version);
    if (frame.type === 'snapshot') for (const { id, version } of frame.items) this.#versions.set(id, version);
    this.#isWelcome ||= frame.type === 'snapshot' || frame.type === 'resumed';
  }
}
