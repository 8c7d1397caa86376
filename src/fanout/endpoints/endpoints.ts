import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Door } from '../admission/admission.ts';
import { JsonEndpoint, type JsonEndpointDeps } from './json.ts';
import { PaintedEndpoint, type PaintedEndpointDeps } from './painted.ts';
import { PollEndpoint, type PollEndpointDeps } from './poll.ts';
import { isStream, SseEndpoint, type SseEndpointDeps } from './sse.ts';
import { WsEndpoint, type WsEndpointDeps } from './ws.ts';

export type EndpointsDeps = JsonEndpointDeps &
  PaintedEndpointDeps &
  PollEndpointDeps &
  SseEndpointDeps &
  WsEndpointDeps;

/** All endpoints of the feed. */
export class Endpoints {
  readonly #webSockets: WsEndpoint;
  readonly #streams: SseEndpoint;
  readonly #polls: PollEndpoint;
  readonly #json: JsonEndpoint;
  readonly #painted: PaintedEndpoint;

  constructor(deps: EndpointsDeps) {
    this.#webSockets = new WsEndpoint(deps);
    this.#streams = new SseEndpoint(deps);
    this.#polls = new PollEndpoint(deps);
    this.#json = new JsonEndpoint(deps);
    this.#painted = new PaintedEndpoint(deps);
  }

  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, door: Door): void {
    if (door === 'public' && isStream(request)) this.#streams.handleUpgrade(request, socket, head);
    else this.#webSockets.handleUpgrade(request, socket, head, door);
  }

  /** False when the path does not belong to the feed. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    return [this.#streams, this.#polls, this.#json, this.#painted].some((endpoint) =>
      endpoint.handle(request, response),
    );
  }

  /** Drops cached answers, so that no retracted text stays in memory. */
  forget(): void {
    this.#json.forget();
  }

  /** Answers all waiting polls, because the process shuts down. */
  answerAll(): void {
    this.#polls.answerAll();
  }

  close(): void {
    this.#webSockets.close();
  }
}
