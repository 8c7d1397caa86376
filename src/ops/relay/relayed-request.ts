import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { clientHeader } from './stated-clients.ts';

/** The api accepts 32 kB. Of a longer body it gets one byte more, by which it knows, and the rest is discarded. */
const mostBytes = 32_769;

/** The most bytes of its body that this process will hold. */
export function bodyBytes({ headers }: IncomingMessage): number {
  if (headers['transfer-encoding'] !== undefined) return mostBytes;
  return Math.min(Number(headers['content-length'] ?? 0), mostBytes);
}

/**
 * The body of a request, at most 32,769 bytes of it; null if the client leaves before it is here. So a slow client costs the api
 * process no connection, and half a request is never handed over.
 */
export function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const whole = () => resolve(Buffer.concat(pieces).subarray(0, mostBytes));
    request.on('data', (piece: Buffer) => {
      if (bytes >= mostBytes) return;
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= mostBytes) whole();
    });
    request.once('end', whole);
    request.once('close', () => resolve(null)); // after `end` it changes nothing
  });
}

/** Headers of one connection, and those that the relay writes itself. */
const own = new Set([
  ...[
    'connection',
    'keep-alive',
    'proxy-connection',
    'transfer-encoding',
    'te',
    'trailer',
    'upgrade',
    'http2-settings',
  ],
  ...['expect', 'content-length', clientHeader],
]);

export function headersFor({ headers }: IncomingMessage, client: string, body: Buffer): OutgoingHttpHeaders {
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  return {
    [clientHeader]: client,
    ...(hasBody && { 'content-length': String(body.length) }),
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name))),
  };
}
