/** A whole answer of HTTP/1.1. */
export interface Answer {
  readonly status: number;
  /** The server ends the connection after it. */
  readonly isLast: boolean;
  /** Empty where bodies are not kept. */
  readonly body: Buffer;
}

/** Takes answers from a connection, one behind the other, however TCP cut them. Bodies have a length or come in chunks. */
export class AnswerParser {
  readonly #keepsBodies: boolean;
  readonly #onAnswer: (answer: Answer) => void;
  /** The beginning of a line or head whose end has not come. */
  #rest: Buffer | null = null;
  #expects: 'head' | 'body' | 'size' | 'chunk' | 'trailer' = 'head';
  #left = 0;
  #status = 0;
  #isLast = false;
  #parts: Buffer[] = [];

  constructor(onAnswer: (answer: Answer) => void, keepsBodies: boolean) {
    this.#onAnswer = onAnswer;
    this.#keepsBodies = keepsBodies;
  }

  /** Bytes from `start` to `end`; they may be overwritten afterwards. */
  push(chunk: Buffer, start: number, end: number): void {
    let bytes = chunk.subarray(start, end);
    if (this.#rest !== null) bytes = Buffer.concat([this.#rest, bytes]);
    this.#rest = null;
    let at = 0;
    while (at < bytes.length) {
      const next = this.#take(bytes, at);
      if (next === null) {
        this.#rest = Buffer.from(bytes.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** Behind what it took; null when more has to come first. */
  #take(bytes: Buffer, at: number): number | null {
    if (this.#expects === 'body' || this.#expects === 'chunk') return this.#takeBody(bytes, at);
    const separator = this.#expects === 'head' ? '\r\n\r\n' : '\r\n';
    const end = bytes.indexOf(separator, at, 'latin1');
    if (end < 0) return null;
    const text = bytes.toString('latin1', at, end);
    if (this.#expects === 'head') this.#takeHead(text);
    else if (this.#expects === 'size') this.#takeSize(text);
    else this.#end();
    return end + separator.length;
  }

  #takeHead(head: string): void {
    this.#status = Number(head.slice(9, 12));
    this.#isLast = /\r\nconnection: *close/i.test(head);
    this.#left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    this.#parts = [];
    if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#expects = 'size';
    else if (this.#left > 0) this.#expects = 'body';
    else this.#end();
  }

  #takeSize(line: string): void {
    // The line end behind a chunk.
    if (line === '') return;
    this.#left = Number.parseInt(line, 16);
    this.#expects = this.#left === 0 ? 'trailer' : 'chunk';
  }

  #takeBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    if (this.#keepsBodies) this.#parts.push(Buffer.from(bytes.subarray(at, end)));
    this.#left -= end - at;
    if (this.#left === 0) {
      if (this.#expects === 'chunk') this.#expects = 'size';
      else this.#end();
    }
    return end;
  }

  #end(): void {
    this.#expects = 'head';
    this.#onAnswer({ status: this.#status, isLast: this.#isLast, body: Buffer.concat(this.#parts) });
  }
}
