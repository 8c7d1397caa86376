import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Door } from '../admission/admission.ts';
import { JsonEdge, type JsonEdgeDeps } from './json.ts';
import { PaintedEdge, type PaintedEdgeDeps } from './painted.ts';
import { PollEdge, type PollEdgeDeps } from './poll.ts';
import { SseEdge, type SseEdgeDeps } from './sse.ts';
import { WsEdge, type WsEdgeDeps } from './ws.ts';

export type EdgesDeps = JsonEdgeDeps & PaintedEdgeDeps & PollEdgeDeps & SseEdgeDeps & WsEdgeDeps;

/** Every way into the feed. */
export class Edges {
  readonly #webSockets: WsEdge;
  readonly #streams: SseEdge;
  readonly #polls: PollEdge;
  readonly #json: JsonEdge;
  readonly #painted: PaintedEdge;

  constructor(deps: EdgesDeps) {
    this.#webSockets = new WsEdge(deps);
    this.#streams = new SseEdge(deps);
    this.#polls = new PollEdge(deps);
    this.#json = new JsonEdge(deps);
    this.#painted = new PaintedEdge(deps);
  }

  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, door: Door): void {
    this.#webSockets.handleUpgrade(request, socket, head, door);
  }

  /** False when the path is none of the feed's. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    return [this.#streams, this.#polls, this.#json, this.#painted].some((edge) => edge.handle(request, response));
  }

  /** Text that was taken back must not stay in memory. */
  forget(): void {
    this.#json.forget();
  }

  /** Answers all who wait for news: this process is going away. */
  answerAll(): void {
    this.#polls.answerAll();
  }

  close(): void {
    this.#webSockets.close();
  }
}
