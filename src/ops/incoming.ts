import { IncomingMessage } from 'node:http';

/** `_httpMessage` is the response that Node writes to the connection now. */
type Answering = { readonly _httpMessage?: unknown };

/**
 * A request that can be upgraded only to a WebSocket. Node emits `upgrade` for every request with an `Upgrade` header, once a
 * server listens for it. A request for another protocol (`curl --http2` sends `Upgrade: h2c`) has to be answered as if it had
 * no such header (RFC 9110 7.8), so this class hides the header from Node.
 */
export class Incoming extends IncomingMessage {
  /** Set by Node's parser. Declared only: Node sets it before a field of this class is initialized. */
  declare parserUpgrade: boolean | null;
  /** Whether Node hands the connection over. Decided once, because Node asks again after the first response. */
  declare isHandedOver: boolean | undefined;

  get upgrade(): boolean {
    this.isHandedOver ??= isUpgrade(this) || (isComplete(this) && this.wantsConnection());
    return this.isHandedOver;
  }

  set upgrade(value: boolean | null) {
    if (this.isHandedOver === undefined) this.parserUpgrade = value;
    else this.isHandedOver = value === true;
  }

  /** Node's parser drops the rest of the packet after such a request (20.20 and 24.22), so the connection has to close. */
  get isLastOfConnection(): boolean {
    return this.parserUpgrade === true;
  }

  /** Whether the connection is handed over without an `Upgrade` header. */
  protected wantsConnection(): boolean {
    return false;
  }
}

/**
 * Requests of which some ask for a stream. Node emits `upgrade` for those too and frees its parser. A request, a response and a
 * parser would otherwise stay in memory with the stream: 8 kB for each reader (docs/decisions/0010).
 */
export function incomingWith(isStream: (request: IncomingMessage) => boolean): typeof Incoming {
  return class extends Incoming {
    protected override wantsConnection(): boolean {
      readAbsoluteForm(this);
      return isStream(this);
    }
  };
}

function isUpgrade(request: Incoming): boolean {
  return request.parserUpgrade === true && (request.method === 'CONNECT' || asksForWebSocket(request));
}

/** Node itself answers a request without a host or with an expectation. A response to an earlier request has to come first. */
function isComplete({ headers, httpVersion, socket }: IncomingMessage): boolean {
  const hasHost = headers.host !== undefined || httpVersion === '1.0';
  return hasHost && headers.expect === undefined && !(socket as Answering)._httpMessage;
}

const webSocket = 'websocket';

function asksForWebSocket({ method, httpVersion, headers }: IncomingMessage): boolean {
  const offered = (headers.upgrade ?? '').split(',').map((protocol) => protocol.trim().toLowerCase());
  return method === 'GET' && httpVersion === '1.1' && offered.includes(webSocket);
}

/** Replaces a list of offered protocols with the accepted one, because ws reads one name. */
export function takeWebSocket(request: IncomingMessage): void {
  if (asksForWebSocket(request)) request.headers.upgrade = webSocket;
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
