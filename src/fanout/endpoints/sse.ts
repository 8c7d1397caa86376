import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeCodes } from '../../protocol/close-code.ts';
import type { Admission, Asker } from '../admission/admission.ts';
import { parseTarget } from '../admission/feed-request.ts';
import type { Origins } from '../admission/origins.ts';
import { type Problem, problems, statusOf } from '../admission/problem.ts';
import { sseFraming } from '../feed/framing.ts';
import type { Reader } from '../reader/reader.ts';
import { type SocketDeps, SocketTransport } from '../reader/socket-transport.ts';
import { sendPreflight, sendProblem, writeShared } from './json-reply.ts';

export interface SseEndpointDeps extends SocketDeps {
  readonly admission: Admission;
  readonly origins: Origins;
  /** A random time in the window of a reconnect, ms. */
  retryMs(): number;
}

/** The feed as `text/event-stream`, for readers whose network lets no WebSocket through. */
export class SseEndpoint {
  readonly #deps: SseEndpointDeps;
  readonly #streams = new WeakSet<Socket>();

  constructor(deps: SseEndpointDeps) {
    this.#deps = deps;
  }

  /** False when the request is another edge's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    if (this.#streams.has(socket)) {
      // A stream never ends, so a request behind it would wait in memory for ever.
      socket.destroy();
      return true;
    }
    const target = parseTarget(request.url ?? '');
    if (target?.path !== '/v1/feed.sse' && !(target?.path === '/v1/feed' && wantsEventStream(request))) return false;
    const { origins } = this.#deps;
    if (request.method === 'OPTIONS') sendPreflight(request, response, origins);
    else if (request.method === 'HEAD') this.#begin(request, response).end();
    else if (request.method !== 'GET') sendProblem(request, response, origins, problems.method);
    else this.#stream(request, response, target.query);
    return true;
  }

  #stream(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    const { admission } = this.#deps;
    const lastId = request.headers['last-event-id'];
    if (typeof lastId === 'string' && lastId !== '') query.set('since', lastId);
    const asker = admission.check(request, query);
    if ('problem' in asker) {
      this.#refuse(request, response, asker.problem);
      return;
    }
    this.#streams.add(request.socket);
    admission.queueUp(
      asker,
      request.socket,
      () => this.#join(request, response, asker),
      (problem) => this.#refuse(request, response, problem),
    );
  }

  #join(request: IncomingMessage, response: ServerResponse, asker: Asker): void {
    const { admission } = this.#deps;
    const { socket } = request;
    // From here on the beats and the watch over its writes find out whether it is there.
    socket.setTimeout(0);
    const transport = new SseTransport(socket, this.#deps, asker.address);
    socket.once('close', () => {
      admission.exit(asker.address);
      if (transport.reader) admission.leave(transport.reader, asker.address);
    });
    this.#begin(request, response).flushHeaders();
    const joined = admission.join(asker, transport);
    if ('problem' in joined) transport.close(closeCodes.overloaded);
    else transport.reader = joined;
  }

  /** What may be better in a moment is an empty stream that says when to come back: a browser gives up for good on 503. */
  #refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
    if (statusOf(problem) === 503 || statusOf(problem) === 429)
      this.#begin(request, response).end(retryLine(Math.max(this.#deps.retryMs(), (problem.retryAfter ?? 0) * 1_000)));
    else sendProblem(request, response, this.#deps.origins, problem);
  }

  /** The head of a stream that ends with its connection: in chunks every frame would be wrapped once more. */
  #begin(request: IncomingMessage, response: ServerResponse): ServerResponse {
    writeShared(request, response, this.#deps.origins, ['Accept']);
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    // nginx would keep frames back until its buffer is full.
    response.setHeader('X-Accel-Buffering', 'no');
    // A proxy that compresses would keep them back until it has enough for a block. Some (nginx) look at the encoding alone,
    // others (Express' `compression`, so most development servers) at no-transform alone (RFC 9111 5.2.2.6).
    response.setHeader('Content-Encoding', 'identity');
    response.setHeader('Cache-Control', 'no-store, no-transform');
    response.setHeader('Connection', 'close');
    response.removeHeader('Transfer-Encoding');
    response.writeHead(200);
    return response;
  }
}

/** The connection of a stream. Its other side sends nothing, so what it takes counts as its sign of life. */
class SseTransport extends SocketTransport {
  readonly framing = sseFraming;
  reader: Reader | null = null;
  readonly address: string;
  readonly #retryMs: () => number;

  constructor(socket: Socket, deps: SseEndpointDeps, address: string) {
    super(socket, deps);
    this.address = address;
    this.#retryMs = deps.retryMs;
  }

  get signsOfLife(): number {
    return this.socket.bytesWritten;
  }

  /** A stream has no close codes: all of ours mean to come back, and `retry:` says when. */
  close(_code: number): void {
    this.socket.end(retryLine(this.#retryMs()));
    this.socket.setTimeout(closeMs, () => this.socket.destroy());
  }

  terminate(): void {
    this.socket.destroy();
  }

  protected onNoProgress(): void {
    this.reader?.cut(closeCodes.noProgress, 'no progress');
    this.socket.destroy();
  }
}

const closeMs = 5_000;

function retryLine(ms: number): string {
  return `retry: ${Math.round(ms)}\n\n`;
}

function wantsEventStream(request: IncomingMessage): boolean {
  return (request.headers.accept ?? '').toLowerCase().includes('text/event-stream');
}
