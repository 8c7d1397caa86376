import { IncomingMessage } from 'node:http';

/**
 * A request that can be upgraded only to a WebSocket. Node emits `upgrade` for every request with an `Upgrade` header, once a
 * server listens for it. A request for another protocol (`curl --http2` sends `Upgrade: h2c`) has to be answered as if it had
 * no such header (RFC 9110 7.8), so this class hides the header from Node.
 */
export class Incoming extends IncomingMessage {
  /** Set by Node's parser. Declared only: Node sets it before a field of this class is initialized. */
  declare parserUpgrade: boolean | null;

  get upgrade(): boolean {
    return this.parserUpgrade === true && (this.method === 'CONNECT' || asksForWebSocket(this));
  }

  set upgrade(value: boolean | null) {
    this.parserUpgrade = value;
  }

  /** Node's parser drops the rest of the packet after such a request (20.20 and 24.22), so the connection has to close. */
  get isLastOfConnection(): boolean {
    return this.parserUpgrade === true;
  }
}

const webSocket = 'websocket';

function asksForWebSocket({ method, httpVersion, headers }: IncomingMessage): boolean {
  const offered = (headers.upgrade ?? '').split(',').map((protocol) => protocol.trim().toLowerCase());
  return method === 'GET' && httpVersion === '1.1' && offered.includes(webSocket);
}

/** Replaces a list of offered protocols with the accepted one, because ws reads one name. */
export function takeWebSocket({ headers }: IncomingMessage): void {
  headers.upgrade = webSocket;
}

const absoluteForm = /^https?:\/\/([^/?#@]+)([/?].*)?$/i;

/**
 * A target with scheme and host (`GET http://news.example/live/en`, RFC 9112 3.2.2) is read as its path and query, and its
 * host counts instead of the `Host` header. All other targets stay as they are.
 */
export function readAbsoluteForm(request: IncomingMessage): void {
  const { url = '', method, headers } = request;
  if (url.startsWith('/')) return;
  const [, host, rest = ''] = absoluteForm.exec(url) ?? [];
  if (host === undefined) return;
  headers.host = host;
  request.url = rest.startsWith('/') ? rest : method === 'OPTIONS' && rest === '' ? '*' : `/${rest}`;
}
