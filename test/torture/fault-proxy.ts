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
    client.on('data', (bytes) => {
      const { silentUp, loseRepliesAfter } = this.#weather;
      isDeaf ||= loseRepliesAfter !== null && bytes.includes(loseRepliesAfter);
      this.#pass(bytes, server, silentUp);
    });
    server.on('data', (bytes) => this.#pass(bytes, client, isDeaf || this.#weather.silentDown));
  }

  #pass(bytes: Buffer, to: Socket, isSilent: boolean): void {
    if (isSilent) return;
    const { delayMs } = this.#weather;
    if (delayMs > 0) setTimeout(() => to.writable && to.write(bytes), delayMs);
    else if (to.writable) to.write(bytes);
  }
}
