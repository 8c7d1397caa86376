import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Incoming, incomingWith, readAbsoluteForm, takeWebSocket } from './incoming.ts';
import { boundPipeline } from './pipeline.ts';
import { inTurns } from './request-turns.ts';
import { SilentConnections } from './silent-connections.ts';
import type { Unread } from './unread.ts';
import { countedAnswers } from './unread-answers.ts';

/** Answers a request that belongs to it. False: the request belongs to another handler, and nothing was answered. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface HttpServerOptions {
  readonly handlers: readonly RequestHandler[];
  /** Owns the socket from the call on, including its errors. */
  readonly upgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  /** Whether a request asks for a stream. `upgrade` then gets its connection, as it does for a WebSocket. */
  readonly isStream?: (request: IncomingMessage) => boolean;
  /** Null when the process can do its job, otherwise one line that says why not; called on every GET /readyz. */
  readonly whyNotReady: () => string | null;
  /** Further lines of a GET /readyz; they do not change its status. */
  readonly notes?: () => readonly string[];
  /** Keep-alive of idle connections, ms: longer than the keep-alive of a proxy in front, short without one. */
  readonly keepAliveMs: number;
  /** Open connections; one more is closed on arrival. */
  readonly maxConnections: number;
  /** Connections of one address that have not sent a request yet; one more is closed on arrival. No limit if left out. */
  readonly silent?: { readonly most: number; readonly addressOf: (socket: Socket) => string | null };
  /** A connection without progress for this long, with an answer under way, is closed, ms. @default 60_000 */
  readonly noProgressMs?: number;
  /** Bounds what clients leave unread, by the address that a request counts for. No limit if left out. */
  readonly unread?: { readonly bytes: Unread; readonly addressOf: (request: IncomingMessage) => string };
  /** Bytes of the headers of a request. @default 8_192 */
  readonly maxHeaderBytes?: number;
  /** True: requests have the thread for 1 ms of a turn of the event loop, not 4. */
  isHurried?(): boolean;
  /** A connection was dropped on arrival: too many silent ones from its address, or too many in all. */
  onDropped?(why: 'silent' | 'full'): void;
  /** A handler threw: the answer is 500, or the connection is closed. The path has no query. */
  onFault(error: unknown, path: string): void;
}

/** After this many requests a client has to reconnect, and can then reach another process. */
const requestsPerConnection = 1_000;

/** An HTTP server with limits on everything that a client can hold open, and with the two health pages. It does not listen yet. */
export function createHttpServer(options: HttpServerOptions): Server {
  const silent = options.silent && new SilentConnections(options.silent.most, options.silent.addressOf);
  const server = createServer(
    {
      IncomingMessage: incomingWith(options.isStream ?? (() => false)),
      maxHeaderSize: options.maxHeaderBytes ?? 8_192,
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 100, // the default of 30 s, and even 1 s, closes thousands in one turn of the loop
      keepAliveTimeout: options.keepAliveMs,
      noDelay: true,
      ServerResponse: options.unread ? countedAnswers(options.unread.bytes, options.unread.addressOf) : ServerResponse,
    },
    boundPipeline(inTurns(requestListener(options, silent), options.isHurried)),
  );
  // Node's own answer to an unsupported expectation would not be counted.
  server.on(
    'checkExpectation',
    boundPipeline((_request, response) => void response.writeHead(417).end()),
  );
  server.maxHeadersCount = 64;
  // Longer than the longest wait for an answer (a command, 30 s). Node has no limit, so a client that never reads would keep
  // its connection and the answer permanently. WebSockets and streams of events have their own limits.
  server.timeout = options.noProgressMs ?? 60_000;
  limitConnections(server, options, silent);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!options.upgrade || !(socket instanceof Socket)) return refuse(socket, '404 Not Found');
    silent?.leave(socket);
    readAbsoluteForm(request);
    takeWebSocket(request);
    try {
      options.upgrade(request, socket, head);
    } catch (error) {
      options.onFault(error, pathOf(request));
      socket.destroy();
    }
  });
  // A method for proxies: without a listener Node closes the connection without an answer.
  server.on('connect', (_request, socket: Duplex) =>
    refuse(socket, `405 Method Not Allowed\r\nAllow: ${serverMethods}`),
  );
  return server;
}

function requestListener(options: HttpServerOptions, silent: SilentConnections | undefined) {
  const requests = new WeakMap<Socket, number>();
  return (request: Incoming, response: ServerResponse): void => {
    const count = (requests.get(request.socket) ?? 0) + 1;
    requests.set(request.socket, count);
    if (count === 1) silent?.leave(request.socket);
    // Not `server.maxRequestsPerSocket`, which leaves the connection open and answers 503 on it.
    if (count >= requestsPerConnection || request.isLastOfConnection) response.setHeader('Connection', 'close');
    readAbsoluteForm(request);
    if (answerHealth(request, response, options)) return;
    if (answerServerOptions(request, response)) return;
    try {
      if (options.handlers.some((handle) => handle(request, response))) return;
      answer(response, 404, 'Nothing is served at this address.\n');
    } catch (error) {
      options.onFault(error, pathOf(request));
      answerFault(response);
    }
  };
}

/**
 * Closes connections beyond the limits on arrival. Not `server.maxConnections`: in a cluster the primary would offer such a
 * connection to one full process after another, endlessly, and never close it (half a core for four of them, Node 20).
 */
function limitConnections(
  server: Server,
  { maxConnections, onDropped }: HttpServerOptions,
  silent: SilentConnections | undefined,
): void {
  const drop = (socket: Socket, why: 'silent' | 'full') => {
    socket.destroy();
    onDropped?.(why);
  };
  server.on('connection', (socket: Socket) => {
    if (silent?.enter(socket) === false) return drop(socket, 'silent');
    server.getConnections((_error, count) => {
      if (count > maxConnections) drop(socket, 'full');
    });
  });
}

/**
 * Resolves with the port once the server listens; rejects with the system's error (EADDRINUSE, EACCES). All processes of a
 * cluster share one port, unless `isShared` is false.
 */
export function listen(server: Server, port: number, host: string, isShared = true): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The default backlog of 511 refuses part of a reconnect storm.
    server.listen({ port, host, backlog: 8_192, exclusive: !isShared }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Resolves once the server listens on a Unix socket; rejects with the system's error. */
export async function listenAt(server: Server, socketPath: string): Promise<void> {
  server.listen({ path: socketPath, backlog: 8_192, exclusive: true });
  await once(server, 'listening'); // rejects on `error`
}

/** Takes no more connections, waits until the requests under way are answered, `ms` at most, and then closes every connection. */
export async function closeOnceAnswered(server: Server, ms: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const end = setTimeout(() => server.closeAllConnections(), ms);
  await closed;
  clearInterval(idle);
  clearTimeout(end);
}

/** For a request whose handler threw. */
export function answerFault(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else answer(response, 500, 'The server failed on this request. The failure is logged.\n');
}

/** The path without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0] ?? '';
}

function refuse(socket: Duplex, status: string): void {
  // Without a listener, a reset would end the process.
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

const serverMethods = 'GET, HEAD, POST, PUT, DELETE, OPTIONS';

/** `OPTIONS *` is about the server, not about an address (RFC 9110 9.3.7). */
function answerServerOptions({ method, url }: IncomingMessage, response: ServerResponse): boolean {
  if (method !== 'OPTIONS' || url !== '*') return false;
  response.writeHead(204, { allow: serverMethods, 'cache-control': 'no-store' }).end();
  return true;
}

function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  { whyNotReady, notes }: HttpServerOptions,
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const path = pathOf(request);
  if (path === '/healthz') {
    answer(response, 200, 'ok\n');
    return true;
  }
  if (path !== '/readyz') return false;
  const why = whyNotReady();
  const lines = [why === null ? 'ready' : `not ready: ${why}`, ...(notes?.() ?? [])];
  answer(response, why === null ? 200 : 503, `${lines.join('\n')}\n`);
  return true;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}
