import type { ServerResponse } from 'node:http';
import type { Principal } from '../access/key-store.ts';

/** Bytes that a desk may leave unread besides its snapshots. A desk that leaves more is cut and starts again with a snapshot. */
const mostUnread = 256 * 1_024;

/** One open stream. Writes whole events; holds no queue of its own. */
export class OpenDesk {
  readonly principal: Principal;
  /** The session that opened it; null: a key did. */
  readonly session: string | null;
  /** When its key or its session expires, ms; null: never. */
  readonly endsAt: number | null;
  readonly editions: readonly string[];
  /** The editions that exist for its key. */
  readonly known: readonly string[];
  readonly #response: ServerResponse;
  readonly #onCut: () => void;
  #snapshotBytes = 0;
  #hasBegun = false;
  #isOpen = true;

  constructor(options: {
    readonly principal: Principal;
    readonly session: string | null;
    readonly endsAt: number | null;
    readonly editions: readonly string[];
    readonly known: readonly string[];
    readonly response: ServerResponse;
    /** It did not read what was written. */
    onCut(): void;
  }) {
    this.principal = options.principal;
    this.session = options.session;
    this.endsAt = options.endsAt;
    this.editions = options.editions;
    this.known = options.known;
    this.#response = options.response;
    this.#onCut = options.onCut;
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#response.destroyed;
  }

  begin(snapshots: string): void {
    this.#response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      // A proxy that compresses or buffers would hold events back (src/fanout/endpoints/sse.ts).
      'Cache-Control': 'no-store, no-transform',
      'Content-Encoding': 'identity',
      'X-Accel-Buffering': 'no',
    });
    this.#snapshotBytes = Buffer.byteLength(snapshots);
    this.#hasBegun = true;
    this.write(snapshots);
  }

  /** Nothing before `begin`: the snapshots have it. */
  write(events: string): void {
    if (!this.isOpen || !this.#hasBegun) return;
    this.#response.write(events);
    if (this.#response.writableLength <= this.#snapshotBytes + mostUnread) return;
    this.#isOpen = false;
    this.#response.destroy();
    this.#onCut();
  }

  /** The client reconnects after `retryMs`. Resolves once everything was written. */
  end(retryMs: number): Promise<void> {
    const response = this.#response;
    if (!this.isOpen || !this.#hasBegun) {
      this.#isOpen = false;
      return Promise.resolve();
    }
    this.#isOpen = false;
    return new Promise((resolve) => {
      response.once('close', resolve);
      response.end(`retry: ${Math.round(retryMs)}\n\n`);
    });
  }
}

/** One event, as it stands on the wire. */
export function eventText(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
