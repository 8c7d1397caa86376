import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Origins } from '../../protocol/origins.ts';
import { parseTarget } from '../admission/feed-request.ts';
import { badQuery } from '../admission/problem.ts';
import { sendPreflight, sendProblem, writeShared } from './json-reply.ts';

export interface PaintedEndpointDeps {
  readonly origins: Origins;
  /** Takes a sample if the rate allows it and this process sent the version lately. */
  painted(edition: string, itemId: string, version: number, delayMs: number): void;
}

const path = '/v1/painted';
const longestDelayMs = 60_000;

/**
 * `POST /v1/painted?edition=..&id=..&version=..&ms=..`: a browser reports that it painted a version, `ms` after the frame
 * arrived. There is no body and no cookie, and the process stores nothing about the client. Every well-formed sample gets
 * the same answer, counted or not, so that a client that forges samples learns nothing.
 */
export class PaintedEndpoint {
  readonly #deps: PaintedEndpointDeps;

  constructor(deps: PaintedEndpointDeps) {
    this.#deps = deps;
  }

  /** False when the path belongs to another endpoint. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const target = parseTarget(request.url ?? '');
    if (target?.path !== path) return false;
    const { origins, painted } = this.#deps;
    request.resume();
    if (request.method === 'OPTIONS') {
      sendPreflight(request, response, origins, 'POST, OPTIONS');
      return true;
    }
    const sample = request.method === 'POST' ? parseSample(target.query) : null;
    if (!sample) {
      sendProblem(request, response, origins, badSample);
      return true;
    }
    painted(sample.edition, sample.itemId, sample.version, sample.delayMs);
    writeShared(request, response, origins, []);
    response.setHeader('Cache-Control', 'no-store');
    response.writeHead(204).end();
    return true;
  }
}

function parseSample(query: URLSearchParams) {
  const edition = query.get('edition') ?? '';
  const itemId = query.get('id') ?? '';
  const version = Number(query.get('version'));
  const delayMs = Number(query.get('ms') ?? Number.NaN);
  const isReadable =
    /^[a-z0-9-]{1,32}$/.test(edition) &&
    /^[0-9A-Z]{26}$/.test(itemId) &&
    Number.isInteger(version) &&
    version >= 1 &&
    delayMs >= 0 &&
    delayMs <= longestDelayMs;
  return isReadable ? { edition, itemId, version, delayMs } : null;
}

const badSample = badQuery([
  { detail: `POST with edition, id (of an item), version (1 or more) and ms (0 to ${longestDelayMs}).` },
]);
