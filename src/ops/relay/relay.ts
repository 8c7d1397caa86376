import { Agent, type IncomingMessage, request as requestTo, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Unread } from '../unread.ts';
import { passOn } from './relayed-answer.ts';
import { bodyBytes, headersFor, readBody } from './relayed-request.ts';

/**
 * Why a request has no answer of the api process. `unreachable`: it was not handed over, so nothing has happened. `lost`: it was
 * handed over, so nobody knows what has happened. `draining`: this process ends.
 */
export type NoAnswer = 'unreachable' | 'lost' | 'draining';

export interface RelayOptions {
  /** The Unix socket of the api process. */
  readonly socketPath: string;
  /** The address that a request counts for. */
  clientOf(request: IncomingMessage): string;
  /** Bounds the bodies of which a part is here. Anybody can send such a part. */
  readonly unread: Pick<Unread, 'hold' | 'release'>;
  /** Answers in place of the api process. */
  answerInstead(response: ServerResponse, why: NoAnswer): void;
  onFault(error: unknown, request: IncomingMessage): void;
}

/** Shorter than the keep-alive of the api process, so that a request never meets a connection that is being closed. */
const idleMs = 30_000;
/** A program that posts one after another sends the next within this time of an answer. */
const lingerMs = 20;

/**
 * Relays requests to an api process, each with its whole body, in HTTP/1.1 over a Unix socket. The api process learns the client's address
 * from it. A client that leaves ends its request there. A request counts as handed over once its connection is open: before that
 * an error is `unreachable`, from then on a lost answer is `lost`.
 */
export class Relay {
  readonly counts = { answered: 0, unreachable: 0, lost: 0, draining: 0, left: 0 };
  readonly #options: RelayOptions;
  readonly #agent = new Agent({ keepAlive: true, timeout: idleMs });
  /** Handed over and not answered. */
  readonly #waiting = new Set<ServerResponse>();
  /** The same, and streams. */
  readonly #open = new Set<ServerResponse>();
  #answeredAt = Number.NEGATIVE_INFINITY;
  #isDraining = false;
  #onIdle: () => void = () => undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** True while a request waits for its answer. A stream of events waits until it begins. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** True while a request waits for its answer, and 20 ms longer: the next one may be on its way. */
  get isBusy(): boolean {
    return this.isWaiting || performance.now() - this.#answeredAt < lingerMs;
  }

  /** Of the pipelined requests of a connection, one is relayed at a time. */
  relay(request: IncomingMessage, response: ServerResponse): void {
    const begin = () =>
      this.#relay(request, response).catch((error: unknown) => {
        this.#options.onFault(error, request);
        response.destroy();
      });
    if (response.socket === null) response.once('socket', begin);
    else void begin();
  }

  /** Refuses new requests. Resolves once those under way are answered and streams have ended, after `ms` at most. */
  async drain(ms: number): Promise<void> {
    this.#isDraining = true;
    if (this.#open.size > 0)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#agent.destroy();
  }

  async #relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await this.#readBody(request);
    if (body === null || response.destroyed) this.counts.left++;
    else if (this.#isDraining) this.#answerInstead(response, 'draining');
    else this.#handOver(request, response, body);
  }

  async #readBody(request: IncomingMessage): Promise<Buffer | null> {
    const { unread, clientOf } = this.#options;
    const bytes = bodyBytes(request);
    if (bytes === 0) return readBody(request);
    const held = { address: clientOf(request), shared: request, bytes, cut: () => request.destroy() };
    unread.hold(held);
    const body = await readBody(request);
    unread.release(held);
    return body;
  }

  #handOver(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { socketPath, clientOf } = this.#options;
    const upstream = requestTo({
      agent: this.#agent,
      socketPath,
      method: request.method,
      path: request.url,
      headers: headersFor(request, clientOf(request), body),
    });
    let isHandedOver = false;
    const fail = () => {
      if (!this.#waiting.has(response)) return void response.destroy(); // its answer has begun, or its client has left
      this.#waiting.delete(response);
      this.#answerInstead(response, isHandedOver ? 'lost' : 'unreachable');
    };
    this.#waiting.add(response);
    this.#open.add(response);
    upstream.once('socket', (socket) =>
      whenConnected(socket, () => {
        isHandedOver = true;
      }),
    );
    upstream.on('error', fail);
    upstream.once('response', (answer) =>
      passOn(answer, response, {
        onBegin: () => {
          this.counts.answered++;
          this.#answeredAt = performance.now();
          this.#waiting.delete(response);
        },
        onLost: fail,
      }),
    );
    response.once('close', () => {
      if (this.#waiting.delete(response)) this.counts.left++;
      this.#open.delete(response);
      if (this.#open.size === 0) this.#onIdle();
      upstream.destroy(); // changes nothing once the whole answer is here
    });
    upstream.end(body);
  }

  #answerInstead(response: ServerResponse, why: NoAnswer): void {
    this.counts[why]++;
    this.#options.answerInstead(response, why);
  }
}

function whenConnected(socket: Socket, run: () => void): void {
  if (socket.connecting) socket.once('connect', run);
  else run();
}
