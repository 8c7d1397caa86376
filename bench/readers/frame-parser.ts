import { CutMessageParser, type MessageSink } from './message-parser.ts';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What a server must never send; the connection is of no use after it. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/**
 * Takes a server's bytes however TCP cut them and gives whole WebSocket messages, in order (RFC 6455 5.2).
 * `push` throws a FrameError for a masked, reserved or oversized frame.
 */
export class FrameParser extends CutMessageParser {
  #fragments: Buffer[] | null = null;
  #fragmentOpcode = 0;

  /** Nothing of a frame or a message that has not ended is held. */
  override get isBetweenFrames(): boolean {
    return super.isBetweenFrames && this.#fragments === null;
  }

  protected override take(bytes: Buffer, at: number, end: number, sink: MessageSink): number {
    if (end - at < 2) return -1;
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    if ((first & 0x70) !== 0) throw new FrameError('reserved bits are set');
    if ((second & 0x80) !== 0) throw new FrameError('a server frame is masked');
    const header = headerLength(second);
    if (end - at < header) return -1;
    const start = at + header;
    const stop = start + payloadLength(bytes, at, second);
    if (stop > end) return -1;
    this.#message(first, bytes, start, stop, sink);
    return stop;
  }

  #message(first: number, bytes: Buffer, start: number, end: number, sink: MessageSink): void {
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    if (opcode >= 8 || (isFinal && opcode !== opcodes.continuation)) {
      if (!isFinal) throw new FrameError('a control frame is fragmented');
      if (opcode < 8 && this.#fragments !== null) throw new FrameError('a message begins inside another');
      sink.onMessage(opcode, bytes, start, end);
    } else {
      this.#fragment(opcode, isFinal, Buffer.from(bytes.subarray(start, end)), sink);
    }
  }

  #fragment(opcode: number, isFinal: boolean, part: Buffer, sink: MessageSink): void {
    if ((opcode === opcodes.continuation) !== (this.#fragments !== null))
      throw new FrameError('a fragment out of turn');
    if (this.#fragments === null) this.#fragmentOpcode = opcode;
    const fragments = [...(this.#fragments ?? []), part];
    this.#fragments = isFinal ? null : fragments;
    if (!isFinal) return;
    const whole = Buffer.concat(fragments);
    sink.onMessage(this.#fragmentOpcode, whole, 0, whole.length);
  }
}

const maxPayload = 16 * 1024 * 1024;

function headerLength(second: number): number {
  const length = second & 0x7f;
  if (length < 126) return 2;
  return length === 126 ? 4 : 10;
}

function payloadLength(bytes: Buffer, at: number, second: number): number {
  const short = second & 0x7f;
  if (short < 126) return short;
  const length =
    short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
  if (length > maxPayload) throw new FrameError(`a frame of ${length} bytes`);
  return length;
}

/** Masked, as a client must, with a mask of zeros: the payload (at most 125 bytes) stands as it is. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
