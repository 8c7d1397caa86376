import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from '../../resources/fanout-server.ts';

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameShape {
  readonly isFinal?: boolean;
  /** RSV1-3 as a number: 4, 2, 1. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  readonly mask?: readonly number[];
  /** The form of the length. Default: the shortest that fits. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** A length that differs from the payload's. */
  readonly declared?: bigint;
}

/** One client frame of RFC 6455 5.2, valid or not. */
export function frame(code: number, payload: Buffer | string = '', shape: FrameShape = {}): Buffer {
  const data = Buffer.from(payload);
  const { isFinal = true, reserved = 0, isMasked = true, mask = [0x37, 0xfa, 0x21, 0x3d] } = shape;
  const declared = shape.declared ?? BigInt(data.length);
  const lengthBytes = shape.lengthBytes ?? (declared < 126n ? 0 : declared < 65_536n ? 2 : 8);
  const head = Buffer.alloc(2 + lengthBytes);
  head[0] = (isFinal ? 0x80 : 0) | (reserved << 4) | code;
  head[1] = (isMasked ? 0x80 : 0) | (lengthBytes === 0 ? Number(declared) : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(Number(declared), 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(declared, 2);
  if (!isMasked) return Buffer.concat([head, data]);
  return Buffer.concat([head, Buffer.from(mask), data.map((octet, index) => octet ^ (mask[index % 4] ?? 0))]);
}

export function text(payload: Buffer | string, shape?: FrameShape): Buffer {
  return frame(opcode.text, payload, shape);
}

export function close(code: number, reason: Buffer | string = ''): Buffer {
  return frame(opcode.close, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]));
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A WebSocket client on a plain TCP socket. It can send any bytes, and it checks each frame of the server. */
export class FrameClient implements Disposable {
  readonly socket: Socket;
  readonly frames: ServerFrame[] = [];
  /** The server's answer before its first frame. */
  head = '';
  isEnded = false;
  /** Whether it answers the server's close frame. */
  answersClose = true;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(port: number, localAddress: string) {
    this.socket = connect({ port, host: '127.0.0.1', localAddress });
    this.socket.setNoDelay(true);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (bytes) => this.#take(bytes));
    this.socket.on('close', () => {
      this.isEnded = true;
    });
  }

  /** Connects and waits for the first frame. `first` is sent together with the handshake. */
  static async open(
    port: number,
    { query = 'edition=en', headers = [] as string[], first = Buffer.alloc(0), localAddress = '127.0.0.1' } = {},
  ): Promise<FrameClient> {
    const client = new FrameClient(port, localAddress);
    await once(client.socket, 'connect');
    client.socket.write(Buffer.concat([handshake(query, headers), first]));
    await until(() => client.frames.length > 0 || client.isEnded, 'the first frame', 10_000);
    return client;
  }

  send(...frames: readonly Buffer[]): void {
    if (this.socket.writable) this.socket.write(Buffer.concat(frames));
  }

  /** Sends one octet per write, each in its own turn of the event loop. */
  async sendInOctets(bytes: Buffer): Promise<void> {
    for (const octet of bytes) {
      if (!this.socket.writable) return;
      this.socket.write(Buffer.from([octet]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get pongs(): readonly Buffer[] {
    return this.frames.filter((one) => one.opcode === opcode.pong).map((one) => one.payload);
  }

  get seqs(): readonly number[] {
    return this.frames.flatMap(({ opcode: code, payload }) => {
      const { type, seq } = code === opcode.text ? JSON.parse(String(payload)) : { type: '', seq: 0 };
      return type === 'item' ? [Number(seq)] : [];
    });
  }

  /** The code of the server's close frame: null without a close frame, 1005 without a code. */
  get closeCode(): number | null {
    const closing = this.frames.find((one) => one.opcode === opcode.close);
    if (!closing) return null;
    return closing.payload.length === 0 ? 1005 : closing.payload.readUInt16BE(0);
  }

  get closeReason(): string {
    const closing = this.frames.find((one) => one.opcode === opcode.close);
    return String(closing?.payload.subarray(2) ?? '');
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    if (this.head === '') {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.head = String(this.#rest.subarray(0, end + 2));
      this.#rest = this.#rest.subarray(end + 4);
    }
    for (;;) {
      const found = this.head.startsWith('HTTP/1.1 101') ? serverFrame(this.#rest) : null;
      if (!found) return;
      this.frames.push(found);
      if (found.opcode === opcode.close && this.answersClose) this.send(frame(opcode.close, found.payload));
      this.#rest = this.#rest.subarray(found.size);
    }
  }
}

export function handshake(query: string, headers: readonly string[] = []): Buffer {
  const lines = [
    `GET /v1/feed?${query} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16, 1).toString('base64')}`,
    ...headers,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

function serverFrame(bytes: Buffer): (ServerFrame & { readonly size: number }) | null {
  if (bytes.length < 2) return null;
  const [first = 0, second = 0] = bytes;
  if ((first & 0xf0) !== 0x80 || second >= 0x80)
    throw new Error(`the server sent a frame that is masked, reserved or not final: ${bytes.toString('hex', 0, 4)}`);
  const lengthBytes = second === 126 ? 2 : second === 127 ? 8 : 0;
  if (bytes.length < 2 + lengthBytes) return null;
  const length =
    lengthBytes === 0 ? second : lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const size = 2 + lengthBytes + length;
  if (bytes.length < size) return null;
  return { opcode: first & 0x0f, payload: Buffer.from(bytes.subarray(2 + lengthBytes, size)), size };
}
