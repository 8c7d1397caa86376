import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import type { Reporting } from '../../src/fanout/delivery/delivery-proof.ts';
import { isStream } from '../../src/fanout/endpoints/sse.ts';
import { createFanout } from '../../src/fanout/fanout.ts';
import type { Fanout, FanoutOptions } from '../../src/fanout/fanout-options.ts';
import type { SendAll } from '../../src/fanout/reader/send-batch.ts';
import type { UnreadBytes } from '../../src/fanout/reader/socket-transport.ts';
import { type Clock, systemClock } from '../../src/fanout/scheduling/clock.ts';
import type { Site } from '../../src/item/site.ts';
import type { LogFollower, LogReader } from '../../src/log/entries/log-reader.ts';
import { incomingWith } from '../../src/ops/incoming.ts';
import type { Frame, ItemFrame, RemovalFrame } from '../../src/protocol/frame.ts';
import { nativePart } from './native-part.ts';
import { site, siteEdition } from './site.ts';

/** A MemoryLog holds one edition. A reader without a key asks for the other in vain. */
const editions = [siteEdition('en'), siteEdition('vip', { name: 'For key holders', access: 'key' })];

export const quietLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface FanoutServer extends AsyncDisposable {
  readonly fanout: Fanout;
  readonly port: number;
  readonly origin: string;
  readonly server: Server;
}

/** What differs from a fan-out of the usual site. */
interface ServerOptions {
  readonly site?: Site;
  readonly reporting?: Reporting;
  readonly clock?: Clock;
  readonly unread?: UnreadBytes;
  /** Default: as in production, the native part where it is built. Null: Node writes every frame. */
  readonly sendAll?: SendAll | null;
  /** Default: any free port. */
  readonly port?: number;
  pages?(fanout: Fanout): (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Starts a fan-out behind a real HTTP server on a port of its own. */
export async function serveFanout(
  log: LogReader & LogFollower,
  options: Partial<FanoutOptions> = {},
  setup: ServerOptions = {},
): Promise<FanoutServer> {
  const sendAll = setup.sendAll === undefined ? nativePart : setup.sendAll;
  const fanout = createFanout({
    log,
    follower: log,
    site: setup.site ?? { ...site, editions },
    options: {
      beatMs: 3_600_000, // no beat unless a test asks for it
      acceptRate: 2_000,
      maxConnectionsPerAddress: 20_000,
      allowedOrigins: '*',
      trustProxy: '',
      ...options,
    },
    logger: quietLogger,
    clock: setup.clock ?? systemClock,
    ...(setup.reporting && { reporting: setup.reporting }),
    ...(setup.unread && { unread: setup.unread }),
    ...(sendAll && { sendAll }),
  });
  const pages = setup.pages?.(fanout);
  const server = createServer({ IncomingMessage: incomingWith(isStream) }, (request, response) => {
    if (!fanout.handleRequest(request, response) && !pages?.(request, response)) response.writeHead(404).end();
  });
  server.on('upgrade', (request, socket, head) => fanout.handleUpgrade(request, socket as Socket, head));
  await new Promise<void>((resolve) => server.listen(setup.port ?? 0, '127.0.0.1', resolve));
  await fanout.start();
  const { port } = server.address() as AddressInfo;
  return {
    fanout,
    port,
    origin: `http://127.0.0.1:${port}`,
    server,
    [Symbol.asyncDispose]: async () => {
      await fanout.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Both ways in which frames leave a fan-out. Tests of writing run on each. */
export const frameWays: readonly (readonly [string, typeof serveFanout])[] = [
  ['through Node', (log, options, setup) => serveFanout(log, options, { ...setup, sendAll: null })],
  ...(nativePart ? [['through the native part', serveFanout] as const] : []),
];

/** Resolves once the condition holds. Rejects at the deadline and names `what`. */
export async function until(condition: () => boolean, what: string, deadlineMs = 15_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A WebSocket client that keeps everything it receives. */
export class TestReader implements Disposable {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  pings = 0;
  closeCode: number | null = null;
  closeReason = '';
  refusedWith: number | null = null;

  constructor(port: number, query: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/v1/feed?${query}`, options);
    this.socket.on('message', (data) => this.frames.push(JSON.parse(String(data))));
    this.socket.on('ping', () => {
      this.pings++;
    });
    this.socket.on('unexpected-response', (_request, response) => {
      this.refusedWith = response.statusCode ?? 0;
      response.resume();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', (code, reason) => {
      this.closeCode = code;
      this.closeReason = String(reason);
    });
  }

  get entries(): readonly (ItemFrame | RemovalFrame)[] {
    return this.frames.filter((frame) => frame.type === 'item' || frame.type === 'removal');
  }

  get seqs(): readonly number[] {
    return this.entries.map((frame) => frame.seq);
  }

  /** Resolves with the nth frame of a type. */
  async frame<Type extends Frame['type']>(type: Type, nth = 0): Promise<Extract<Frame, { type: Type }>> {
    const found = () =>
      this.frames.filter((frame): frame is Extract<Frame, { type: Type }> => frame.type === type)[nth];
    await until(() => found() !== undefined || this.closeCode !== null, `${type} frame ${nth}`);
    const frame = found();
    if (!frame) throw new Error(`closed with ${this.closeCode} before ${type} frame ${nth}`);
    return frame;
  }

  async closed(deadlineMs?: number): Promise<number> {
    await until(() => this.closeCode !== null, 'close', deadlineMs);
    return this.closeCode ?? 0;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

/** Opens a feed on a plain TCP socket, which stays paused: only the kernel reads from it. */
export async function rawReader(port: number, query: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  const key = Buffer.alloc(16, 1).toString('base64');
  const lines = [
    `GET /v1/feed?${query} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
  ];
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

/** The payloads of the text frames that a server has sent after its handshake. */
export function textFrames(received: Buffer): readonly string[] {
  const texts: string[] = [];
  let at = received.indexOf('\r\n\r\n') + 4;
  while (at + 2 <= received.length) {
    const opcode = (received[at] ?? 0) & 0x0f;
    let length = received[at + 1] ?? 0;
    let header = 2;
    if (length === 126) {
      length = received.readUInt16BE(at + 2);
      header = 4;
    } else if (length === 127) {
      length = Number(received.readBigUInt64BE(at + 2));
      header = 10;
    }
    if (at + header + length > received.length) break;
    if (opcode === 1) texts.push(received.toString('utf8', at + header, at + header + length));
    at += header + length;
  }
  return texts;
}
