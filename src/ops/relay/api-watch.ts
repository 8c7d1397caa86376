import { get } from 'node:http';

export interface ApiWatchOptions {
  /** The Unix socket of the api process. */
  readonly socketPath: string;
  /** Whether it answers has changed. */
  onChange(isReachable: boolean): void;
}

const everyMs = 1_000;
const soonMs = 100;

/** Asks an api process for its health page, once a second, and more often until it is ready for the first time. */
export class ApiWatch {
  readonly #options: ApiWatchOptions;
  #hasStarted = false;
  /** Its health page as it was last, null while it does not answer. */
  #page: { readonly isReady: boolean; readonly lines: readonly string[] } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: ApiWatchOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** False until the api process was ready once. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Null: it is ready. Otherwise the reason, as one line. */
  whyNot(): string | null {
    if (this.#page === null) return 'the api process does not answer';
    return this.#page.isReady ? null : (this.#page.lines[0] ?? '').replace(/^not ready: /, '');
  }

  /** The further lines of its health page. */
  notes(): readonly string[] {
    return this.#page?.lines.slice(1) ?? [];
  }

  async #look(): Promise<void> {
    const page = await this.#read();
    if (this.#isStopped) return;
    const isChanged = (page === null) !== (this.#page === null);
    this.#page = page;
    if (isChanged) this.#options.onChange(page !== null);
    if (page?.isReady) this.#hasStarted = true;
    this.#timer = setTimeout(() => void this.#look(), this.#hasStarted ? everyMs : soonMs).unref();
  }

  #read(): Promise<{ readonly isReady: boolean; readonly lines: readonly string[] } | null> {
    const { socketPath } = this.#options;
    return new Promise((resolve) => {
      const asked = get({ socketPath, path: '/readyz', agent: false, timeout: everyMs }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        answer.once('end', () => resolve({ isReady: answer.statusCode === 200, lines: text.trim().split('\n') }));
        answer.once('error', () => resolve(null));
      });
      asked.once('timeout', () => asked.destroy());
      asked.once('error', () => resolve(null));
    });
  }
}
