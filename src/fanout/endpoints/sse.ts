import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeCodes } from '../../protocol/close-code.ts';
import type { Origins } from '../../protocol/origins.ts';
import type { Admission, Candidate } from '../admission/admission.ts';
import { parseTarget } from '../admission/feed-request.ts';
import { type Problem, problems, statusOf } from '../admission/problem.ts';
import { sseFraming } from '../feed/framing.ts';
import type { Reader } from '../reader/reader.ts';
import { type SocketDeps, SocketTransport } from '../reader/socket-transport.ts';
import { destroyIt } from './http-reply.ts';
import { sendPreflight, sendProblem, sharedHeaders } from './json-reply.ts';

export interface SseEndpointDeps extends SocketDeps {
  readonly admission: Admission;
  readonly origins: Origins;
  /** A random time in the reconnect window, ms. */
  retryMs(): number;
}

/** Whether a request asks for the feed as a stream. The HTTP server hands its connection over (docs/decisions/0010). */
export function isStream(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade !== 'websocket' && isOfStreams(request);
}

/** The feed as `text/event-stream`, for clients whose network blocks WebSockets. */
export class SseEndpoint {
  readonly #deps: SseEndpointDeps;

  constructor(deps: SseEndpointDeps) {
    this.#deps = deps;
  }

  /** Answers what needs no stream. False when the request belongs to another endpoint. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (!isOfStreams(request)) return false;
    const { origins } = this.#deps;
    if (request.method === 'OPTIONS') sendPreflight(request, response, origins);
    else if (request.method === 'HEAD') this.#begin(request, response).end();
    else if (request.method !== 'GET') sendProblem(request, response, origins, problems.method);
    // The request came behind another one that had no response yet.
    else this.#refuse(request, response, problems.busy);
    return true;
  }

  /** Owns the socket from the call on. */
  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', destroyIt);
    // A stream never ends, so a request behind it would wait in memory permanently.
    if (head.length > 0) {
      socket.destroy();
      return;
    }
    socket.on('data', destroyIt);
    socket.on('end', destroyIt);
    const { admission } = this.#deps;
    const search = parseTarget(request.url ?? '')?.search ?? '';
    const lastId = request.headers['last-event-id'];
    const since = typeof lastId === 'string' && lastId !== '' ? lastId : undefined;
    const candidate = admission.check(request, search, 'public', since);
    if ('problem' in candidate) {
      this.#refuse(request, responseOn(socket, request), candidate.problem);
      return;
    }
    admission.queueUp(
      candidate,
      socket,
      () => this.#join(request, socket, candidate),
      (problem) => this.#refuse(request, responseOn(socket, request), problem),
    );
  }

  #join(request: IncomingMessage, socket: Socket, candidate: Candidate): void {
    const { admission } = this.#deps;
    // From here on the beats and the progress timer detect a dead connection.
    socket.setTimeout(0);
    const transport = new SseTransport(socket, this.#deps, candidate.address);
    socket.on('close', transport.onClosed);
    // The head and the first frame leave in one write.
    socket.cork();
    socket.write(headText(this.#headersOf(request)));
    const joined = admission.join(candidate, transport);
    if (socket.writableCorked > 0) socket.uncork();
    if ('problem' in joined) transport.close(closeCodes.overloaded, '');
    else transport.reader = joined;
  }

  /** For a temporary problem, an empty stream with `retry`: an EventSource gives up permanently on 503. */
  #refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
    if (statusOf(problem) !== 503 && statusOf(problem) !== 429) {
      sendProblem(request, response, this.#deps.origins, problem);
      return;
    }
    const ms = Math.max(this.#deps.retryMs(), (problem.retryAfter ?? 0) * 1_000);
    this.#begin(request, response).end(retryLine(ms));
  }

  #begin(request: IncomingMessage, response: ServerResponse): ServerResponse {
    response.removeHeader('Transfer-Encoding');
    return response.writeHead(200, this.#headersOf(request));
  }

  /** Of a stream that ends with its connection, without chunked encoding, which would wrap every frame again. */
  #headersOf(request: IncomingMessage): Record<string, string> {
    return {
      ...sharedHeaders(request, this.#deps.origins, ['Accept']),
      'Content-Type': 'text/event-stream; charset=utf-8',
      // nginx would hold frames back until its buffer is full.
      'X-Accel-Buffering': 'no',
      // A proxy that compresses would hold frames back until it has enough for a block. Some (nginx) check only the encoding,
      // others (Express' `compression`, so most development servers) only no-transform (RFC 9111 5.2.2.6).
      'Content-Encoding': 'identity',
      'Cache-Control': 'no-store, no-transform',
      Connection: 'close',
    };
  }
}

/** The connection of a stream. Its client sends nothing, so the bytes that it takes are its sign of life. */
class SseTransport extends SocketTransport {
  readonly framing = sseFraming;
  reader: Reader | null = null;
  readonly address: string;
  readonly #deps: SseEndpointDeps;
  readonly onClosed = () => {
    const { admission } = this.#deps;
    admission.exit(this.address);
    if (this.reader) admission.leave(this.reader, this.address);
  };

  constructor(socket: Socket, deps: SseEndpointDeps, address: string) {
    super(socket, deps);
    this.address = address;
    this.#deps = deps;
  }

  get signsOfLife(): number {
    return this.bytesWritten;
  }

  /** A stream has no close codes. All of ours mean a retry, and `retry:` carries its time. */
  protected endWith(_code: number): void {
    this.socket.end(retryLine(this.#deps.retryMs()));
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

function headText(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 200 OK\r\n${lines.join('')}Date: ${new Date().toUTCString()}\r\n\r\n`;
}

/** For a refusal on a connection that the HTTP server has handed over. */
function responseOn(socket: Socket, request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  return response;
}

function isOfStreams(request: IncomingMessage): boolean {
  const path = parseTarget(request.url ?? '')?.path;
  return path === '/v1/feed.sse' || (path === '/v1/feed' && wantsEventStream(request));
}

function wantsEventStream(request: IncomingMessage): boolean {
  return (request.headers.accept ?? '').toLowerCase().includes('text/event-stream');
}
