import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type RawData, type Server, type WebSocket, WebSocketServer } from 'ws';
import { closeCodes } from '../../protocol/close-code.ts';
import type { Admission, Candidate, Door } from '../admission/admission.ts';
import { parseTarget } from '../admission/feed-request.ts';
import { problems } from '../admission/problem.ts';
import type { SocketDeps } from '../reader/socket-transport.ts';
import { ReaderSocket, WsTransport } from '../reader/ws-transport.ts';
import type { Clock } from '../scheduling/clock.ts';
import { destroyIt, refuseUpgrade } from './http-reply.ts';

export interface WsEndpointDeps extends SocketDeps {
  readonly admission: Admission;
}

const subprotocol = 'flashwire.v1';
const messagesPerWindow = 10;
/** Pings and pongs. A browser or a proxy sends one every few seconds. */
const controlsPerWindow = 100;
const windowMs = 10_000;

// A variable, because the published types of ws lack some of its options.
const serverOptions = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: 4_096,
  maxFragments: 16,
  maxBufferedChunks: 64,
  // Other servers allow ten pings at once, and ws ends a connection beyond its limit without a close code.
  maxPendingAutoPongs: 16,
  closeTimeout: 5_000,
  WebSocket: ReaderSocket,
  handleProtocols: (offered: Set<string>) => (offered.has(subprotocol) ? subprotocol : false),
} as const;

/** The WebSocket endpoint: admits handshakes at the accept rate and makes readers of them. */
export class WsEndpoint {
  readonly #deps: WsEndpointDeps;
  readonly #server: Server<typeof ReaderSocket>;
  readonly #listeners: SocketListeners;

  constructor(deps: WsEndpointDeps) {
    this.#deps = deps;
    this.#server = new WebSocketServer<typeof ReaderSocket>(serverOptions);
    this.#server.on('wsClientError', (_error, socket) => refuseUpgrade(socket as Socket, problems.badHandshake));
    this.#listeners = socketListeners(deps.clock, (webSocket) => this.#closed(webSocket));
  }

  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, door: Door): void {
    socket.on('error', destroyIt);
    const { admission } = this.#deps;
    const target = parseTarget(request.url ?? '');
    if (target?.path !== '/v1/feed') {
      refuseUpgrade(socket, problems.unknownPath);
      return;
    }
    const candidate = admission.check(request, target.search, door);
    if ('problem' in candidate) {
      refuseUpgrade(socket, candidate.problem);
      return;
    }
    admission.queueUp(
      candidate,
      socket,
      () => this.#join(candidate, request, socket, head),
      (problem) => refuseUpgrade(socket, problem),
    );
  }

  close(): void {
    this.#server.close();
  }

  #join(candidate: Candidate, request: IncomingMessage, socket: Socket, head: Buffer): void {
    let isUpgraded = false;
    const upgraded = (webSocket: ReaderSocket) => {
      isUpgraded = true;
      // ws has a listener from here on. A second one would cost 200 bytes per reader.
      socket.off('error', destroyIt);
      webSocket.address = candidate.address;
      webSocket.onControl = this.#listeners.control;
      this.#listen(webSocket);
      const transport = new WsTransport(webSocket, socket, this.#deps);
      const joined = this.#deps.admission.join(candidate, transport);
      if ('problem' in joined) webSocket.close(closeCodes.overloaded, 'too many feeds');
      else webSocket.reader = joined;
    };
    // The answer of ws and the first frame leave in one write.
    socket.cork();
    try {
      this.#server.handleUpgrade(request, socket, head, upgraded);
    } finally {
      if (socket.writableCorked > 0) socket.uncork();
      if (!isUpgraded) this.#deps.admission.exit(candidate.address);
    }
  }

  #listen(webSocket: ReaderSocket): void {
    webSocket.on('error', this.#listeners.error);
    webSocket.on('message', this.#listeners.message);
    webSocket.on('close', this.#listeners.close);
  }

  #closed(webSocket: ReaderSocket): void {
    const { admission } = this.#deps;
    admission.exit(webSocket.address);
    const { reader } = webSocket;
    webSocket.reader = null;
    if (reader) admission.leave(reader, webSocket.address);
  }
}

interface SocketListeners {
  error(this: WebSocket): void;
  message(this: WebSocket, data: RawData, isBinary: boolean): void;
  close(this: WebSocket): void;
  control(webSocket: ReaderSocket): void;
}

/** One set of listeners for all sockets. Each socket knows its reader. */
function socketListeners(clock: Clock, onClose: (webSocket: ReaderSocket) => void): SocketListeners {
  const openWindow = (webSocket: ReaderSocket) => {
    const now = clock.now();
    if (now - webSocket.windowSince <= windowMs) return;
    webSocket.windowSince = now;
    webSocket.messages = 0;
    webSocket.controls = 0;
  };
  const count = (webSocket: ReaderSocket, isBinary: boolean) => {
    if (isBinary) {
      webSocket.close(1003, 'text only');
      return;
    }
    openWindow(webSocket);
    webSocket.messages++;
    if (webSocket.messages > messagesPerWindow) webSocket.reader?.cut(closeCodes.tooMuchSent, 'too many messages');
  };
  return {
    // ws closes with the code for the malformed frame (1002, 1007, 1008, 1009). `close` follows.
    error() {
      if (this instanceof ReaderSocket) this.reader?.leave();
    },
    message(_data, isBinary) {
      if (this instanceof ReaderSocket) safely(this, () => count(this, isBinary));
    },
    close() {
      if (this instanceof ReaderSocket) onClose(this);
    },
    control(webSocket) {
      openWindow(webSocket);
      webSocket.controls++;
      if (webSocket.controls <= controlsPerWindow) return;
      safely(webSocket, () => webSocket.reader?.cut(closeCodes.tooMuchSent, 'too many pings'));
    },
  };
}

/** ws would pass an exception on to the socket's listener, and it would end the process. */
function safely(webSocket: ReaderSocket, listen: () => void): void {
  try {
    listen();
  } catch (error) {
    if (webSocket.reader) webSocket.reader.fail(error);
    else webSocket.terminate();
  }
}
