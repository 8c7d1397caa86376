/** Where whole messages go. The bytes are only lent: they are overwritten after the call. */
export interface MessageSink {
  onMessage(opcode: number, bytes: Buffer, start: number, end: number): void;
}

/** Takes the bytes of whole messages from a stream, however TCP cut them. */
export interface MessageParser {
  /** Nothing of a message that has not ended is held. */
  readonly isBetweenFrames: boolean;
  push(chunk: Buffer, start: number, end: number, sink: MessageSink): void;
}

/**
 * Keeps the beginning of a message until its end arrives. Bytes are copied only when a message is cut in two, so one receive
 * buffer can serve every reader of a process.
 */
export abstract class CutMessageParser implements MessageParser {
  #rest: Buffer | null = null;

  get isBetweenFrames(): boolean {
    return this.#rest === null;
  }

  push(chunk: Buffer, chunkStart: number, chunkEnd: number, sink: MessageSink): void {
    let bytes = chunk;
    let at = chunkStart;
    let end = chunkEnd;
    if (this.#rest !== null) {
      bytes = Buffer.concat([this.#rest, chunk.subarray(chunkStart, chunkEnd)]);
      at = 0;
      end = bytes.length;
      this.#rest = null;
    }
    while (at < end) {
      const next = this.take(bytes, at, end, sink);
      if (next < 0) break;
      at = next;
    }
    if (at < end) this.#rest = Buffer.from(bytes.subarray(at, end));
  }

  /** Gives one message to the sink. Returns where the next one begins, or -1 if this one is not all there yet. */
  protected abstract take(bytes: Buffer, at: number, end: number, sink: MessageSink): number;
}
