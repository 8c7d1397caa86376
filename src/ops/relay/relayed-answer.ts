import type { IncomingMessage, ServerResponse } from 'node:http';

/** A longer answer is passed on in pieces, at the pace of its client. */
const mostHeldBytes = 262_144;

/** Headers of one connection. Trailers are not passed on. */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'trailer']);

/**
 * Passes an answer on. It waits for the whole answer, up to 256 kB, so that an api process that ends in the middle of it is `onLost`
 * and not a broken answer. Streams of events and longer answers begin at once: then `onBegin` comes before their end.
 */
export function passOn(
  answer: IncomingMessage,
  response: ServerResponse,
  { onBegin, onLost }: { onBegin(): void; onLost(): void },
): void {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const begin = () => {
    answer.off('data', hold).off('end', endWhole);
    onBegin();
    response.writeHead(Number(answer.statusCode), headersOf(answer));
    response.flushHeaders();
    for (const piece of pieces) response.write(piece);
    answer.pipe(response);
  };
  const hold = (piece: Buffer) => {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > mostHeldBytes) begin();
  };
  const endWhole = () => {
    onBegin();
    const length = bytes > 0 && answer.headers['content-length'] === undefined ? ['Content-Length', String(bytes)] : [];
    response.writeHead(Number(answer.statusCode), [...headersOf(answer), ...length]).end(Buffer.concat(pieces));
  };
  answer.once('error', onLost);
  if (answer.headers['content-type']?.startsWith('text/event-stream')) begin();
  else answer.on('data', hold).once('end', endWhole);
}

/** Name and value in turns, as they came. */
function headersOf({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders.filter((_, n) => !ofConnection.has(rawHeaders[n - (n % 2)]?.toLowerCase() ?? ''));
}
