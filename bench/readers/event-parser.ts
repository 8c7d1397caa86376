import { type MessageSink, opcodes } from './frame-parser.ts';

/** Takes the bytes of whole messages from a stream, however TCP cut them. */
export interface MessageParser {
  /** Nothing of a message that has not ended is held. */
  readonly isBetweenFrames: boolean;
  push(chunk: Buffer, start: number, end: number, sink: MessageSink): void;
}

const lineFeed = 0x0a;
const data = Buffer.from('data: ');

/** A `text/event-stream` as Flashwire writes it: an event is lines, one of them `data: `, and an empty line. */
export class EventParser implements MessageParser {
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
      const stop = endOfEvent(bytes, at, end);
      if (stop < 0) break;
      const start = bytes.indexOf(data, at);
      if (start >= 0 && start < stop)
        sink.onMessage(opcodes.text, bytes, start + data.length, bytes.indexOf(lineFeed, start));
      at = stop;
    }
    if (at < end) this.#rest = Buffer.from(bytes.subarray(at, end));
  }
}

/** Behind the empty line, or -1 when it is not there yet. */
function endOfEvent(bytes: Buffer, from: number, end: number): number {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0 && at + 1 < end; at = bytes.indexOf(lineFeed, at + 1))
    if (bytes[at + 1] === lineFeed) return at + 2;
  return -1;
}
