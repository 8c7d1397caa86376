import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { namesTag } from '../../protocol/etag.ts';
import { allowedHeaders } from '../../protocol/preflight.ts';

export type Headers = Readonly<Record<string, string>>;

/** A file served from memory, as it is or compressed, with the digest of its bytes as ETag. */
export interface Asset {
  readonly body: Buffer;
  readonly zipped?: Buffer;
  readonly etag: string;
  readonly headers: Headers;
  readonly lastModified?: LastModified;
}

/**
 * The time of its last change. HTTP has a resolution of one second, so a second with two changes cannot be used for
 * If-Modified-Since.
 */
export interface LastModified {
  /** ms. */
  readonly at: number;
  readonly isAloneInItsSecond: boolean;
}

export function createAsset(content: string | Buffer, contentType: string, headers: Headers): Asset {
  const body = Buffer.from(content);
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return {
    body,
    zipped: gzipSync(body, { level: 9 }),
    etag,
    headers: { 'Content-Type': contentType, 'X-Content-Type-Options': 'nosniff', Vary: 'Accept-Encoding', ...headers },
  };
}

/**
 * Answers GET and HEAD with this status, 304 when the client has the bytes, 405 for other methods. Pages of other sites may
 * send OPTIONS for files with CORS.
 */
export function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset, status = 200): void {
  const origin = asset.headers['Access-Control-Allow-Origin'];
  if (request.method === 'OPTIONS' && origin !== undefined) {
    response.writeHead(204, {
      Allow: 'GET, HEAD, OPTIONS',
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
      'Access-Control-Allow-Headers': allowedHeaders(request.headers['access-control-request-headers']),
      'Access-Control-Max-Age': '86400',
      Vary: 'Access-Control-Request-Headers',
    });
    response.end();
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  const { etag, lastModified } = asset;
  const date = lastModified && { 'Last-Modified': new Date(lastModified.at).toUTCString() };
  const headers = { ...asset.headers, ETag: etag, ...date };
  if (status === 200 && isKnown(request.headers, asset)) {
    response.writeHead(304, headers).end();
    return;
  }
  const zips = /\bgzip\b(?!;\s*q=0(?:\.0+)?(?:,|$))/.test(String(request.headers['accept-encoding'] ?? ''));
  const zipped = zips ? asset.zipped : undefined;
  const body = zipped ?? asset.body;
  response.writeHead(status, {
    ...headers,
    ...(zipped && { 'Content-Encoding': 'gzip' }),
    'Content-Length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** RFC 9110 13.2.2: If-Modified-Since counts only where there is no If-None-Match. */
function isKnown({ 'if-none-match': tags, 'if-modified-since': since }: IncomingHttpHeaders, asset: Asset): boolean {
  if (tags !== undefined) return namesTag(tags, asset.etag);
  const { lastModified } = asset;
  if (since === undefined || !lastModified?.isAloneInItsSecond) return false;
  return Date.parse(since) >= Math.floor(lastModified.at / 1_000) * 1_000;
}
