import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type RawData, type Server, type WebSocket, WebSocketServer } from 'ws';
import type { Site } from '../item/site.ts';
import { closeCodes } from '../protocol/close-code.ts';
import { parsePosition } from '../protocol/position.ts';
import { clientKey, type Trust } from './client-address.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';
import type { Edition } from './edition.ts';
import { parseTarget, readFeedQuery } from './feed-request.ts';
import type { Feeds } from './feeds.ts';
import { wsFraming } from './framing.ts';
import { refuseUpgrade } from './http-reply.ts';
import type { Origins } from './origins.ts';
import { type Problem, problems } from './problem.ts';
import { type Greeting, Reader, type ReaderContext } from './reader.ts';
import { type Joiner, UpgradeQueue } from './upgrade-queue.ts';
import { ReaderSocket, WsTransport } from './ws-transport.ts';

export interface WsEdgeDeps {
  readonly site: Site;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly feeds: Feeds;
  readonly origins: Origins;
  readonly trust: Trust;
  readonly acceptRate: number;
  readonly maxConnectionsPerAddress: number;
  readonly noProgressMs: number;
  readonly readers: ReaderContext;
  edition(id: string): Edition | undefined;
  isDraining(): boolean;
  wake(): void;
  /** A reader has come: it is in its feed and has been told nothing yet. */
  onJoin(reader: Reader): void;
  onLeave(reader: Reader): void;
}

const subprotocol = 'flashwire.v1';
const messagesAWindow = 10;
const messageWindowMs = 10_000;

// In a variable: the published types of ws do not list all of its options yet.
const serverOptions = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: 4_096,
  maxFragments: 16,
  maxBufferedChunks: 64,
  maxPendingAutoPongs: 8,
  closeTimeout: 5_000,
  WebSocket: ReaderSocket,
  handleProtocols: (offered: Set<string>) => (offered.has(subprotocol) ? subprotocol : false),
} as const;

/** The WebSocket transport: checks handshakes, lets them in at their rate, and makes readers of them. */
export class WsEdge {
  readonly queue: UpgradeQueue;
  readonly #deps: WsEdgeDeps;
  readonly #server: Server<typeof ReaderSocket>;
  readonly #perAddress = new Map<string, number>();
  readonly #listeners: SocketListeners;

  constructor(deps: WsEdgeDeps) {
    this.#deps = deps;
    this.#server = new WebSocketServer<typeof ReaderSocket>(serverOptions);
    this.#server.on('wsClientError', (_error, socket) => refuseUpgrade(socket as Socket, problems.badHandshake));
    this.#listeners = socketListeners(deps.clock, (webSocket) => this.#closed(webSocket));
    this.queue = new UpgradeQueue({
      clock: deps.clock,
      acceptRate: deps.acceptRate,
      wake: () => deps.wake(),
      join: (joiner) => this.#join(joiner),
      refuse: (joiner) => this.#refuseWaiting(joiner, problems.busy),
    });
  }

  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', destroyIt);
    const { counters } = this.#deps;
    const checked = this.#check(request);
    if ('problem' in checked) {
      counters.refused[checked.counter]++;
      refuseUpgrade(socket, checked.problem);
      return;
    }
    const { filter, limit, since, address } = checked;
    this.#count(address, 1);
    const arrivedAt = this.#deps.clock.now();
    const joiner: Joiner = { request, socket, head, filter, limit, since, address, arrivedAt };
    if (!this.queue.add(joiner)) this.#refuseWaiting(joiner, problems.busy);
  }

  /** Those who wait for admission are sent to another process. */
  refuseAll(): void {
    for (const joiner of this.queue.takeAll()) this.#refuseWaiting(joiner, problems.draining);
  }

  close(): void {
    this.#server.close();
  }

  #check(request: IncomingMessage): CheckedUpgrade | RefusedUpgrade {
    const { site, origins, trust, maxConnectionsPerAddress } = this.#deps;
    if (this.#deps.isDraining()) return { problem: problems.draining, counter: 'draining' };
    const target = parseTarget(request.url ?? '');
    if (target?.path !== '/v1/feed') return { problem: problems.unknownPath, counter: 'query' };
    const feedRequest = readFeedQuery(target.query, site);
    if ('problem' in feedRequest) return { problem: feedRequest.problem, counter: 'query' };
    if (!origins.allows(request.headers.origin)) return { problem: problems.origin, counter: 'origin' };
    if (!this.#deps.edition(feedRequest.filter.edition)?.replica)
      return { problem: problems.unavailable, counter: 'busy' };
    const address = clientKey(request, trust);
    if ((this.#perAddress.get(address) ?? 0) >= maxConnectionsPerAddress) {
      return { problem: problems.address, counter: 'address' };
    }
    return { ...feedRequest, address };
  }

  #join(joiner: Joiner): void {
    const { request, socket, head, address } = joiner;
    let isUpgraded = false;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      isUpgraded = true;
      // ws listens from here on; a second listener would cost every reader 200 bytes.
      socket.off('error', destroyIt);
      webSocket.address = address;
      this.#listen(webSocket);
      this.#admit(webSocket, joiner);
    });
    if (!isUpgraded) this.#count(address, -1);
  }

  #admit(webSocket: ReaderSocket, joiner: Joiner): void {
    const { clock, feeds, noProgressMs, readers } = this.#deps;
    const edition = this.#deps.edition(joiner.filter.edition);
    const opened = edition && feeds.open(edition, joiner.filter, wsFraming, clock.now());
    const replica = edition?.replica;
    if (!opened || !replica) {
      webSocket.close(closeCodes.overloaded, 'too many feeds');
      return;
    }
    const { feed, wire } = opened;
    feed.advance(replica);
    const { greeting, cursor } = greetingOf(joiner.since, replica.epoch, replica.floor, replica.head);
    const transport = new WsTransport(webSocket, joiner.socket, clock, noProgressMs);
    const reader = new Reader({ transport, feed, wire, limit: joiner.limit, greeting, cursor }, readers);
    webSocket.reader = reader;
    feed.add(reader);
    this.#deps.onJoin(reader);
  }

  #listen(webSocket: ReaderSocket): void {
    webSocket.on('error', this.#listeners.error);
    webSocket.on('message', this.#listeners.message);
    webSocket.on('close', this.#listeners.close);
  }

  #closed(webSocket: ReaderSocket): void {
    this.#count(webSocket.address, -1);
    const { reader } = webSocket;
    if (!reader) return;
    webSocket.reader = null;
    reader.leave();
    reader.feed.remove(reader, this.#deps.clock.now());
    this.#deps.onLeave(reader);
  }

  #refuseWaiting(joiner: Joiner, problem: Problem): void {
    this.#count(joiner.address, -1);
    this.#deps.counters.refused[problem === problems.draining ? 'draining' : 'busy']++;
    refuseUpgrade(joiner.socket, problem);
  }

  #count(address: string, by: 1 | -1): void {
    const count = (this.#perAddress.get(address) ?? 0) + by;
    if (count === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }
}

type CheckedUpgrade = Pick<Joiner, 'filter' | 'limit' | 'since' | 'address'>;

interface RefusedUpgrade {
  readonly problem: Problem;
  readonly counter: keyof Counters['refused'];
}

/** What a reader that comes with this position is told first, and where its cursor stands. */
export function greetingOf(
  since: string | null,
  epoch: string,
  floor: number,
  head: number,
): { readonly greeting: Greeting; readonly cursor: number } {
  if (since === null) return { greeting: 'start', cursor: head };
  const position = parsePosition(since);
  if (!position || position.epoch !== epoch) return { greeting: position ? 'epoch' : 'start', cursor: head };
  if (position.seq < floor) return { greeting: 'gap', cursor: head };
  return { greeting: 'resumed', cursor: position.seq };
}

interface SocketListeners {
  error(this: WebSocket): void;
  message(this: WebSocket, data: RawData, isBinary: boolean): void;
  close(this: WebSocket): void;
}

/** One set for all sockets; a reader is found through its socket. */
function socketListeners(clock: Clock, onClose: (webSocket: ReaderSocket) => void): SocketListeners {
  return {
    // ws closes with the code that the malformed frame asks for (1002, 1007, 1008, 1009); `close` follows.
    error() {
      if (this instanceof ReaderSocket) this.reader?.leave();
    },
    message(_data, isBinary) {
      if (!(this instanceof ReaderSocket)) return;
      if (isBinary) {
        this.reader?.leave();
        this.close(1003, 'text only');
        return;
      }
      const now = clock.now();
      if (now - this.messagesSince > messageWindowMs) {
        this.messagesSince = now;
        this.messages = 0;
      }
      this.messages++;
      if (this.messages > messagesAWindow) this.reader?.cut(closeCodes.tooMuchSent, 'too many messages');
    },
    close() {
      if (this instanceof ReaderSocket) onClose(this);
    },
  };
}

/** For a socket between the HTTP server and ws: without a listener, one reset during the handshake ends the process. */
function destroyIt(this: Socket): void {
  this.destroy();
}
