import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Incoming, readAbsoluteForm, takeWebSocket } from './incoming.ts';
import { boundPipeline } from './pipeline.ts';
import { SilentConnections } from './silent-connections.ts';
import type { Unread } from './unread.ts';
import { countedAnswers } from './unread-answers.ts';

/** Answers a request if it is its own; false leaves it to the next one. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface HttpServerOptions {
  readonly handlers: readonly RequestHandler[];
  /** Owns the socket from the call on, its errors included. */
  readonly upgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  /** Null when the process can do its job, otherwise why not, as one line; asked on every GET /readyz. */
  readonly whyNotReady: () => string | null;
  /** Keep-alive of idle connections, ms: longer than that of a proxy in front, short without one. */
  readonly keepAliveMs: number;
  /** Connections at once; one more is closed as it comes. */
  readonly maxConnections: number;
  /** Connections of one address on which nothing has been asked yet; one more is closed as it comes. No limit if left out. */
  readonly silent?: { readonly most: number; readonly addressOf: (socket: Socket) => string | null };
  /** A connection on which nothing has moved for this long, with an answer under way, is closed, ms; a minute if left out. */
  readonly noProgressMs?: number;
  /** What clients leave unread, and who a request counts for. No limit if left out. */
  readonly unread?: { readonly bytes: Unread; readonly addressOf: (request: IncomingMessage) => string };
  /** A connection was dropped as it came: too many silent ones of its address, or too many in all. */
  onDropped?(why: 'silent' | 'full'): void;
  /** Something was thrown while a request or an upgrade was answered: 500, or its connection ends. The path is without its query. */
  onFault(error: unknown, path: string): void;
}

/** Requests of one connection: after so many its client connects again, and may then come to another process. */
const requestsPerConnection = 1_000;

/** An HTTP server with limits on everything that a stranger may hold open, and the two health pages. It does not listen yet. */
export function createHttpServer(options: HttpServerOptions): Server {
  const asked = new WeakMap<Socket, number>();
  const silent = options.silent && new SilentConnections(options.silent.most, options.silent.addressOf);
  const server = createServer(
    {
      IncomingMessage: Incoming,
      maxHeaderSize: 8_192,
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 100, // the default of 30 s, and even 1 s, ends thousands in one turn of the loop
      keepAliveTimeout: options.keepAliveMs,
      noDelay: true,
      ServerResponse: options.unread ? countedAnswers(options.unread.bytes, options.unread.addressOf) : ServerResponse,
    },
    boundPipeline((request, response) => {
      const count = (asked.get(request.socket) ?? 0) + 1;
      asked.set(request.socket, count);
      if (count === 1) silent?.leave(request.socket);
      // Not `server.maxRequestsPerSocket`: that one tells too, but leaves the connection open and answers 503 on it.
      if (count >= requestsPerConnection || request.isLastOfConnection) response.setHeader('Connection', 'close');
      readAbsoluteForm(request);
      if (answerHealth(request, response, options.whyNotReady)) return;
      if (answerServerOptions(request, response)) return;
      try {
        if (options.handlers.some((handle) => handle(request, response))) return;
        answer(response, 404, 'Nothing is served at this address.\n');
      } catch (error) {
        options.onFault(error, pathOf(request));
        answerFault(response);
      }
    }),
  );
  // Node's own answer to an expectation that is not known, which would not be counted.
  server.on(
    'checkExpectation',
    boundPipeline((_request, response) => void response.writeHead(417).end()),
  );
  server.maxHeadersCount = 64;
  // Longer than the longest that an answer is waited for (a command, 30 s). Node has none, so that one who asks and never
  // reads would keep its connection and the answer for ever. WebSockets and streams of events have limits of their own.
  server.timeout = options.noProgressMs ?? 60_000;
  const drop = (socket: Socket, why: 'silent' | 'full') => {
    socket.destroy();
    options.onDropped?.(why);
  };
  // Not `server.maxConnections`: in a cluster the primary would offer a connection that is too many to one full process
  // after the other without end, and never close it (half a core for four of them, Node 20).
  server.on('connection', (socket: Socket) => {
    if (silent?.enter(socket) === false) {
      drop(socket, 'silent');
      return;
    }
    server.getConnections((_error, count) => {
      if (count > options.maxConnections) drop(socket, 'full');
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (options.upgrade && socket instanceof Socket) {
      silent?.leave(socket);
      readAbsoluteForm(request);
      takeWebSocket(request);
      try {
        options.upgrade(request, socket, head);
      } catch (error) {
        options.onFault(error, pathOf(request));
        socket.destroy();
      }
      return;
    }
    refuse(socket, '404 Not Found');
  });
  // A proxy's method: without a listener Node ends the connection and says nothing.
  server.on('connect', (_request, socket: Duplex) =>
    refuse(socket, `405 Method Not Allowed\r\nAllow: ${serverMethods}`),
  );
  return server;
}

/**
 * Resolves with the port once the server listens; rejects with the system's error (EADDRINUSE, EACCES). A port that is
 * shared is one for all processes of a cluster.
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

/** For a request whose answer has thrown. */
export function answerFault(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else answer(response, 500, 'Something is broken on our side; it has been logged.\n');
}

/** Without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0] ?? '';
}

function refuse(socket: Duplex, status: string): void {
  // A reset before anyone listens would end the process.
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

const serverMethods = 'GET, HEAD, POST, PUT, DELETE, OPTIONS';

/** `OPTIONS *` asks about the server, not about an address (RFC 9110 9.3.7). */
function answerServerOptions({ method, url }: IncomingMessage, response: ServerResponse): boolean {
  if (method !== 'OPTIONS' || url !== '*') return false;
  response.writeHead(204, { allow: serverMethods, 'cache-control': 'no-store' }).end();
  return true;
}

function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  whyNotReady: HttpServerOptions['whyNotReady'],
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const path = pathOf(request);
  if (path === '/healthz') {
    answer(response, 200, 'ok\n');
    return true;
  }
  if (path !== '/readyz') return false;
  const why = whyNotReady();
  if (why === null) answer(response, 200, 'ready\n');
  else answer(response, 503, `not ready: ${why}\n`);
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
