type Fetch = (path: string, init: RequestInit) => Promise<Response>;

const sessionPath = '/v1/session';

/** Requests with the session. After a 401 no request goes out until somebody has signed in. */
export class SessionFetch {
  readonly #fetch: Fetch;
  #onOver: () => void = () => undefined;
  #isOver = false;
  /** Counts sign-ins: the late answer of an earlier session ends no later one. */
  #signIns = 0;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** Calls back when the session has ended. */
  listen(onOver: () => void): void {
    this.#onOver = onOver;
  }

  signedIn(): void {
    this.#isOver = false;
    this.#signIns += 1;
  }

  /** The session has ended: a request or the stream was answered with 401. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
  }

  async send(path: string, init: RequestInit): Promise<Response> {
    if (path === sessionPath) return this.#fetch(path, init);
    if (this.#isOver) return new Response(null, { status: 401 });
    const session = this.#signIns;
    const response = await this.#fetch(path, init);
    if (response.status === 401 && session === this.#signIns) this.end();
    return response;
  }
}
