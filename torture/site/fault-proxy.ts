import { once } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';

/**
 * What happens to the bytes of a connection. `silent` lets a direction's bytes vanish while both ends stay open, which is
 * what a network that has been cut looks like.
 */
export interface Weather {
  /** To the server, and back from it. */
  readonly silentUp: boolean;
  readonly silentDown: boolean;
  /** ms that each piece waits. */
  readonly delayMs: number;
  /** Once a connection has carried this to the server, nothing more comes back over it; null: never. */
  readonly loseRepliesAfter: string | null;
}

const fair: Weather = { silentUp: false, silentDown: false, delayMs: 0, loseRepliesAfter: null };

/** A TCP proxy on loopback that does to its connections what networks do. */
export class FaultProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #weather = fair;
  /** Where new connections go; those that are open stay where they are. */
  target: number;
  port = 0;

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((client) => this.#connect(client));
  }

  static async open(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    const address = proxy.#server.address();
    proxy.port = typeof address === 'object' && address ? address.port : 0;
    return proxy;
  }

  /** Of every connection, open or to come; what has vanished does not come back. */
  set(weather: Partial<Weather>): void {
    this.#weather = { ...fair, ...weather };
  }

  /** Ends every connection without a good-bye. */
  reset(): void {
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy();
      // Not reset too: Node 20 then sometimes waits for ever for its handle to close, after the program has ended.
      server.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset();
    this.#server.close();
  }

  #connect(client: Socket): void {
    const server = new Socket();
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    // Where the network is silent, a connection is neither made nor refused.
    if (!this.#weather.silentUp) server.connect(this.target, '127.0.0.1');
    let isDeaf = false;
    const up = new Lane(server);
    const down = new Lane(client);
    client.on('data', (bytes) => {
      const { silentUp, delayMs, loseRepliesAfter } = this.#weather;
      isDeaf ||= loseRepliesAfter !== null && bytes.includes(loseRepliesAfter);
      if (!silentUp) up.pass(bytes, delayMs);
    });
    server.on('data', (bytes) => {
      const { silentDown, delayMs } = this.#weather;
      if (!isDeaf && !silentDown) down.pass(bytes, delayMs);
    });
  }
}

/** One direction of a connection: what is slow stays in its order, as on any network. */
class Lane {
  readonly #to: Socket;
  readonly #waiting: Buffer[] = [];

  constructor(to: Socket) {
    this.#to = to;
  }

  pass(bytes: Buffer, delayMs: number): void {
    if (delayMs === 0 && this.#waiting.length === 0) {
      this.#write(bytes);
      return;
    }
    // Each timer lets the oldest piece go, so that one which is quicker waits behind one which is slow.
    this.#waiting.push(bytes);
    setTimeout(() => this.#write(this.#waiting.shift() ?? Buffer.alloc(0)), delayMs);
  }

  #write(bytes: Buffer): void {
    if (this.#to.writable) this.#to.write(bytes);
  }
}
