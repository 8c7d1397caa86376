import type { IncomingMessage, ServerResponse } from 'node:http';
import { namesTag } from '../../protocol/etag.ts';
import type { Origins } from '../../protocol/origins.ts';
import { allowedHeaders } from '../../protocol/preflight.ts';
import { type Problem, problemBody, statusOf } from '../admission/problem.ts';

/** A successful answer. Without `cacheControl` it is `no-store`. */
export interface JsonReply {
  readonly status: number;
  /** Pieces are sent as they are, so that shared bytes are not copied for each client. */
  readonly body: string | Buffer | readonly Buffer[];
  readonly etag?: string;
  readonly cacheControl?: string;
  readonly vary?: readonly string[];
}

/** Sends JSON to pages of any allowed origin, without credentials, or 304 if the client has it already. */
export function sendJson(request: IncomingMessage, response: ServerResponse, origins: Origins, reply: JsonReply): void {
  writeShared(request, response, origins, reply.vary ?? []);
  response.setHeader('Cache-Control', reply.cacheControl ?? 'no-store');
  if (reply.etag !== undefined) response.setHeader('ETag', reply.etag);
  if (reply.etag !== undefined && namesTag(request.headers['if-none-match'], reply.etag)) {
    response.writeHead(304).end();
    return;
  }
  const pieces = typeof reply.body === 'string' ? [Buffer.from(reply.body)] : [reply.body].flat();
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  finish(request, response, reply.status, pieces);
}

export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  origins: Origins,
  problem: Problem,
): void {
  writeShared(request, response, origins, []);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', 'application/problem+json');
  if (problem.retryAfter !== undefined) response.setHeader('Retry-After', problem.retryAfter);
  if (problem.type === 'method-not-allowed') response.setHeader('Allow', 'GET, HEAD, OPTIONS');
  finish(request, response, statusOf(problem), [Buffer.from(problemBody(problem))]);
}

/** Answers a CORS preflight. */
export function sendPreflight(
  request: IncomingMessage,
  response: ServerResponse,
  origins: Origins,
  methods = 'GET, HEAD, OPTIONS',
): void {
  writeShared(request, response, origins, ['Access-Control-Request-Headers']);
  response.setHeader('Allow', methods);
  response.setHeader('Access-Control-Allow-Methods', methods);
  response.setHeader('Access-Control-Allow-Headers', allowedHeaders(request.headers['access-control-request-headers']));
  response.setHeader('Access-Control-Max-Age', 86_400);
  response.writeHead(204).end();
}

/** Sets the headers of every answer of the feed. */
export function writeShared(
  request: IncomingMessage,
  response: ServerResponse,
  origins: Origins,
  vary: readonly string[],
): void {
  for (const [name, value] of Object.entries(sharedHeaders(request, origins, vary))) response.setHeader(name, value);
}

/** The headers of every answer of the feed. */
export function sharedHeaders(
  { headers: { origin } }: IncomingMessage,
  origins: Origins,
  vary: readonly string[],
): Record<string, string> {
  const fields = [...new Set(origins.isOpen ? vary : [...vary, 'Origin'])];
  const isAllowed = origin !== undefined && origins.allows(origin);
  return {
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Access-Control-Expose-Headers': 'ETag, Retry-After',
    ...(origins.isOpen && { 'Access-Control-Allow-Origin': '*' }),
    ...(!origins.isOpen && isAllowed && { 'Access-Control-Allow-Origin': origin }),
    ...(fields.length > 0 && { Vary: fields.join(', ') }),
  };
}

function finish(request: IncomingMessage, response: ServerResponse, status: number, pieces: readonly Buffer[]): void {
  response.setHeader(
    'Content-Length',
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  response.writeHead(status);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.cork();
  for (const piece of pieces.slice(0, -1)) response.write(piece);
  response.end(pieces.at(-1));
}
