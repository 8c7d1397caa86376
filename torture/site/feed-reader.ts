import { WebSocket } from 'ws';
import type { FeedSocket, FeedSocketConstructor } from '../../src/client/connection.ts';
import { type Cursor, follow, startCursor } from '../../src/client/cursor.ts';
import { httpSockets } from '../../src/client/http-sockets.ts';
import { parseFrame } from '../../src/protocol/frame-parse.ts';
import { formatPosition } from '../../src/protocol/position.ts';
import type { History, Transport } from '../checker/history.ts';

const keep = 200;

const [StreamSocket, PollSocket] = httpSockets;

/** How a reader follows. */
const transports: Readonly<Record<Transport, FeedSocketConstructor>> = {
  websocket: WebSocket,
  events: StreamSocket ?? WebSocket,
  polls: PollSocket ?? WebSocket,
};

/** A poll waits up to 25 s. */
const pollSilenceMs = 30_000;

export interface FeedReaderOptions {
  readonly name: string;
  readonly transport: Transport;
  /** Reads only what is in this section; null: everything. */
  readonly section: string | null;
  /** Default: the line of each item. */
  readonly fields?: 'full';
  readonly history: History;
  readonly random: () => number;
  /** How long it may hear nothing on a stream before it comes back, perhaps elsewhere; ms. */
  readonly silenceMs: number;
  /** At which of the entrances it begins; later it comes to any. */
  readonly first: number;
  /** `host:port` of each. */
  entrances(): readonly string[];
}

/** A reader by the rule of PROTOCOL.md, that writes down each frame before it believes it. */
export class FeedReader {
  readonly #options: FeedReaderOptions;
  readonly #versions = new Map<string, number>();
  #cursor: Cursor = startCursor(null);
  #socket: FeedSocket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isNew = true;
  #isOver = false;
  #isWelcome = false;

  constructor(options: FeedReaderOptions) {
    this.#options = options;
    this.#open();
  }

  get name(): string {
    return this.#options.name;
  }

  get section(): string | null {
    return this.#options.section;
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Connected, answered, and not stale. */
  get isLive(): boolean {
    return this.#isWelcome && !this.#cursor.stale;
  }

  /** Whether it has received this version of an item, or its removal. */
  hasSeen(id: string, version: number): boolean {
    return (this.#versions.get(id) ?? 0) >= version;
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null; // what it still brings belongs to no history
    socket?.close();
  }

  #open(): void {
    const { fields, first, history, name, random, section, transport } = this.#options;
    const entrances = this.#options.entrances();
    const entrance = entrances[this.#isNew ? first % entrances.length : Math.floor(random() * entrances.length)];
    this.#isNew = false;
    const { position } = this.#cursor;
    const since = position ? `&since=${formatPosition(position)}` : '';
    const filter = section === null ? '' : `&section=${section}`;
    const asked = fields === undefined ? '' : `&fields=${fields}`;
    const url = `ws://${entrance}/v1/feed?edition=en&limit=50${asked}${filter}${since}`;
    history.add({ e: 'opened', at: history.now(), reader: name, transport, section });
    const socket = new transports[transport](url);
    this.#socket = socket;
    this.#isWelcome = false;
    this.#listen(socket);
    socket.addEventListener('message', ({ data }) => {
      if (socket !== this.#socket) return;
      this.#listen(socket);
      if (data !== null) this.#take(socket, String(data));
    });
    socket.addEventListener('error', () => undefined); // its close follows
    socket.addEventListener('close', () => {
      if (socket === this.#socket) this.#again();
    });
  }

  #listen(socket: FeedSocket): void {
    const { transport, silenceMs } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#again();
        socket.close();
      },
      transport === 'polls' ? pollSilenceMs : silenceMs,
    );
  }

  #again(): void {
    const { history, name } = this.#options;
    clearTimeout(this.#timer);
    if (this.#socket) history.add({ e: 'closed', at: history.now(), reader: name });
    this.#socket = null;
    this.#isWelcome = false;
    if (!this.#isOver) this.#timer = setTimeout(() => this.#open(), 50 + this.#options.random() * 250);
  }

  #take(socket: FeedSocket, text: string): void {
    const { history, name } = this.#options;
    history.add({ e: 'heard', at: history.now(), reader: name, frame: text });
    const frame = parseFrame(text);
    if (!frame) throw new Error(`not a frame: ${text}`);
    const next = follow(this.#cursor, frame, keep);
    if (!next) {
      history.add({ e: 'gap', at: history.now(), reader: name });
      this.#again();
      socket.close();
      return;
    }
    this.#cursor = next;
    if (frame.type === 'item') this.#versions.set(frame.item.id, frame.item.version);
    if (frame.type === 'removal') this.#versions.set(frame.id, frame.version);
    if (frame.type === 'snapshot') for (const { id, version } of frame.items) this.#versions.set(id, version);
    this.#isWelcome ||= frame.type === 'snapshot' || frame.type === 'resumed';
  }
}
