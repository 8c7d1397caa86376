/** What a stream must be able to do: process.stderr is one. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Says what a run is doing: on a terminal in one line that counts the seconds, elsewhere a line for each step. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  #text = '';
  #since = 0;
  #timer: NodeJS.Timeout | null = null;

  /** `now` in ms. */
  constructor(stream: ProgressStream, now: () => number) {
    this.#stream = stream;
    this.#now = now;
  }

  show(text: string): void {
    this.#text = text;
    this.#since = this.#now();
    if (this.#stream.isTTY !== true) {
      this.#stream.write(`… ${text}\n`);
      return;
    }
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), 1_000).unref();
  }

  /** Makes room for what is printed next. */
  end(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#stream.write(clearLine);
  }

  #draw(): void {
    const seconds = Math.floor((this.#now() - this.#since) / 1_000);
    const line = `… ${this.#text}${seconds > 0 ? ` (${seconds} s)` : ''}`;
    this.#stream.write(`${clearLine}${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }
}

const clearLine = '\r\u001b[2K';
