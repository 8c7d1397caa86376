import { WebSocket } from 'ws';
import { canaryEdition } from '../../item/canary.ts';
import type { ProcessReport } from '../../log/rollcall/delivery-report.ts';

export interface CanaryWatchDeps {
  /** Port of this process' private listener, on 127.0.0.1. */
  readonly port: number;
  /** Redis' clock, ms. */
  readonly now: () => number;
  onProof(proof: NonNullable<ProcessReport['canary']>): void;
}

const reconnectMs = 1_000;

/** Follows the canary over a real socket to this process. An item that arrives here has taken the whole way of a feed. */
export class CanaryWatch {
  readonly #deps: CanaryWatchDeps;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(deps: CanaryWatchDeps) {
    this.#deps = deps;
    this.#connect();
  }

  stop(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.terminate();
  }

  #connect(): void {
    const { port } = this.#deps;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/feed?edition=${canaryEdition.id}`);
    this.#socket = socket;
    socket.on('message', (data) => this.#read(String(data)));
    // `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!this.#isClosed) this.#timer = setTimeout(() => this.#connect(), reconnectMs);
    });
  }

  /** Counts item frames only: a snapshot may be as old as the last time that the process reached the log. */
  #read(text: string): void {
    const frame = JSON.parse(text) as { type: string; item?: { id: string; updatedAt: string } };
    if (frame.type !== 'item' || !frame.item) return;
    const at = Date.parse(frame.item.updatedAt);
    this.#deps.onProof({ itemId: frame.item.id, at, tookMs: Math.max(0, this.#deps.now() - at) });
  }
}
