import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeCodes } from '../../protocol/close-code.ts';
import type { Origins } from '../../protocol/origins.ts';
import type { Admission, Candidate } from '../admission/admission.ts';
import { parseTarget } from '../admission/feed-request.ts';
import { type Problem, problems, statusOf } from '../admission/problem.ts';
import { sseFraming } from '../feed/framing.ts';
import type { Reader } from '../reader/reader.ts';
import { type SocketDeps, SocketTransport } from '../reader/socket-transport.ts';
import { sendPreflight, sendProblem, writeShared } from './json-reply.ts';

export interface SseEndpointDeps extends SocketDeps {
  readonly admission: Admission;
  readonly origins: Origins;
  /** A random time in the reconnect window, ms. */
  retryMs(): number;
}

/** The feed as `text/event-stream`, for clients whose network blocks WebSockets. */
export class SseEndpoint {
  readonly #deps: SseEndpointDeps;
  readonly #streams = new WeakSet<Socket>();

  constructor(deps: SseEndpointDeps) {
    this.#deps = deps;
  }

  /** False when the request belongs to another endpoint. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    if (this.#streams.has(socket)) {
      // A stream never ends, so a pipelined request behind it would wait in memory permanently.
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
    const candidate = admission.check(request, query);
    if ('problem' in candidate) {
      this.#refuse(request, response, candidate.problem);
      return;
    }
    this.#streams.add(request.socket);
    admission.queueUp(
      candidate,
      request.socket,
      () => this.#join(request, response, candidate),
      (problem) => this.#refuse(request, response, problem),
    );
  }

  #join(request: IncomingMessage, response: ServerResponse, candidate: Candidate): void {
    const { admission } = this.#deps;
    const { socket } = request;
    // From here on the beats and the progress timer detect a dead connection.
    socket.setTimeout(0);
    const transport = new SseTransport(socket, this.#deps, candidate.address);
    socket.once('close', () => {
      admission.exit(candidate.address);
      if (transport.reader) admission.leave(transport.reader, candidate.address);
    });
    this.#begin(request, response).flushHeaders();
    const joined = admission.join(candidate, transport);
    if ('problem' in joined) transport.close(closeCodes.overloaded, '');
    else transport.reader = joined;
  }

  /** For a temporary problem, an empty stream with `retry`: an EventSource gives up permanently on 503. */
  #refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
    if (statusOf(problem) === 503 || statusOf(problem) === 429)
      this.#begin(request, response).end(retryLine(Math.max(this.#deps.retryMs(), (problem.retryAfter ?? 0) * 1_000)));
    else sendProblem(request, response, this.#deps.origins, problem);
  }

  /** Writes the head of a stream that ends with its connection, without chunked encoding, which would wrap every frame again. */
  #begin(request: IncomingMessage, response: ServerResponse): ServerResponse {
    writeShared(request, response, this.#deps.origins, ['Accept']);
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    // nginx would hold frames back until its buffer is full.
    response.setHeader('X-Accel-Buffering', 'no');
    // A proxy that compresses would hold frames back until it has enough for a block. Some (nginx) check only the encoding,
    // others (Express' `compression`, so most development servers) only no-transform (RFC 9111 5.2.2.6).
    response.setHeader('Content-Encoding', 'identity');
    response.setHeader('Cache-Control', 'no-store, no-transform');
    response.setHeader('Connection', 'close');
    response.removeHeader('Transfer-Encoding');
    response.writeHead(200);
    return response;
  }
}

/** The connection of a stream. Its client sends nothing, so the bytes that it takes are its sign of life. */
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
    return this.bytesWritten;
  }

  /** A stream has no close codes. All of ours mean a retry, and `retry:` carries its time. */
  protected endWith(_code: number): void {
    this.socket.end(retryLine(this.#retryMs()));
    this.socket.setTimeout(closeMs, () => this.socket.destroy());
  }

  protected destroy(): void {
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
