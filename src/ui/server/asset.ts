import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { allowedHeaders } from '../../protocol/preflight.ts';

export type Headers = Readonly<Record<string, string>>;

/** Something served whole from memory, as itself or zipped, with the digest of its bytes as ETag. */
export interface Asset {
  readonly body: Buffer;
  readonly zipped: Buffer;
  readonly etag: string;
  readonly headers: Headers;
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
 * Answers GET and HEAD with this status, 304 for what the reader has, 405 for anything else; OPTIONS as well for what pages of
 * other sites may read.
 */
export function sendAsset(req: IncomingMessage, res: ServerResponse, asset: Asset, status = 200): void {
  const origin = asset.headers['Access-Control-Allow-Origin'];
  if (req.method === 'OPTIONS' && origin !== undefined) {
    res.writeHead(204, {
      Allow: 'GET, HEAD, OPTIONS',
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
      'Access-Control-Allow-Headers': allowedHeaders(req.headers['access-control-request-headers']),
      'Access-Control-Max-Age': '86400',
      Vary: 'Access-Control-Request-Headers',
    });
    res.end();
    return;
  }
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  const headers = { ...asset.headers, ETag: asset.etag };
  if (status === 200 && namesTag(req.headers['if-none-match'], asset.etag)) {
    res.writeHead(304, headers).end();
    return;
  }
  const zips = /\bgzip\b(?!;\s*q=0(?:\.0+)?(?:,|$))/.test(String(req.headers['accept-encoding'] ?? ''));
  const body = zips ? asset.zipped : asset.body;
  res.writeHead(status, { ...headers, ...(zips && { 'Content-Encoding': 'gzip' }), 'Content-Length': body.length });
  res.end(req.method === 'HEAD' ? undefined : body);
}

function namesTag(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim()) ?? [];
  return tags.includes(etag) || tags.includes('*');
}
