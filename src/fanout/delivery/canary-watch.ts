import { WebSocket } from 'ws';
import { canaryEdition } from '../../item/canary.ts';
import type { ProcessReport } from '../../log/rollcall/delivery-report.ts';

export interface CanaryWatchDeps {
  /** Port of this process' own door, on 127.0.0.1. */
  readonly port: number;
  /** Redis' clock, ms. */
  readonly now: () => number;
  onProof(proof: NonNullable<ProcessReport['canary']>): void;
}

const backAfterMs = 1_000;

/** A reader of the canary over a real socket to this very process: what comes here has come all the way. */
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
    // Refused or lost: `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!this.#isClosed) this.#timer = setTimeout(() => this.#connect(), backAfterMs);
    });
  }

  /** A snapshot proves nothing: it may be as old as the process' last sight of the log. */
  #read(text: string): void {
    const frame = JSON.parse(text) as { type: string; item?: { id: string; updatedAt: string } };
    if (frame.type !== 'item' || !frame.item) return;
    const at = Date.parse(frame.item.updatedAt);
    this.#deps.onProof({ itemId: frame.item.id, at, tookMs: Math.max(0, this.#deps.now() - at) });
  }
}
