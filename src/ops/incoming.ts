import { IncomingMessage } from 'node:http';

/**
 * A request that leaves its connection only to become a WebSocket. Node hands every request with an `Upgrade` header to the
 * `upgrade` event once a server has a listener for it. What names another protocol (`curl --http2` sends `Upgrade: h2c`) is
 * to be answered as if it had not asked (RFC 9110 7.8), so Node is told here that it has not.
 */
export class Incoming extends IncomingMessage {
  /** What Node's parser says. Declared only: Node sets it before a field of this class could be initialized. */
  declare parserUpgrade: boolean | null;

  get upgrade(): boolean {
    return this.parserUpgrade === true && (this.method === 'CONNECT' || asksForWebSocket(this));
  }

  set upgrade(value: boolean | null) {
    this.parserUpgrade = value;
  }

  /** Node's parser drops what came in the same packet behind such a request (20.20 and 24.22), so its connection has to end. */
  get isLastOfConnection(): boolean {
    return this.parserUpgrade === true;
  }
}

const webSocket = 'websocket';

function asksForWebSocket({ method, httpVersion, headers }: IncomingMessage): boolean {
  const offered = (headers.upgrade ?? '').split(',').map((protocol) => protocol.trim().toLowerCase());
  return method === 'GET' && httpVersion === '1.1' && offered.includes(webSocket);
}

/** Of several protocols that are offered, the one that is taken; ws reads one name. */
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
