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
  #leftMs: number | null = null;
  #since = 0;
  #timer: NodeJS.Timeout | null = null;

  /** `now` in ms. */
  constructor(stream: ProgressStream, now: () => number) {
    this.#stream = stream;
    this.#now = now;
  }

  /** `leftMs`: how long all of it still takes, as far as anybody knows. */
  show(text: string, leftMs: number | null = null): void {
    this.#text = text;
    this.#leftMs = leftMs;
    this.#since = this.#now();
    if (this.#stream.isTTY !== true) {
      this.#stream.write(`… ${text}${this.#times(0)}\n`);
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
    const line = `… ${this.#text}${this.#times(this.#now() - this.#since)}`;
    this.#stream.write(`${clearLine}${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }

  #times(passedMs: number): string {
    const seconds = Math.floor(passedMs / 1_000);
    const words = [
      ...(seconds > 0 ? [`${seconds} s`] : []),
      ...(this.#leftMs === null ? [] : [leftWords(this.#leftMs - passedMs)]),
    ];
    return words.length === 0 ? '' : ` (${words.join(', ')})`;
  }
}

/** Never nothing: what takes longer than expected has not ended. */
function leftWords(ms: number): string {
  return ms < 90_000
    ? `about ${Math.max(5, Math.round(ms / 5_000) * 5)} s left`
    : `about ${Math.round(ms / 60_000)} min left`;
}

const clearLine = '\r\u001b[2K';
