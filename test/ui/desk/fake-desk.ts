import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request that the desk page has sent. */
export interface DeskRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface DeskAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** The desk API as a test scripts it: `answer` sees every request but the list's, whose items are `items`. */
export class FakeDesk {
  readonly requests: DeskRequest[] = [];
  /** The path of every request. */
  readonly asked: string[] = [];
  #signedIn = false;
  /** The owner of the session, as GET /v1/session names it. */
  who: Readonly<Record<string, unknown>> = {
    keyId: 'fw_good_nour',
    name: 'Nour Haddad',
    role: 'editor',
    may: ['publish'],
  };
  /** Editions that need a key, as GET /v1/session names them. */
  keyEditions: readonly object[] = [];
  proofs: readonly object[] = [];
  present: readonly object[] = [];
  /** The `before` of the page after `items`; null: there is none. */
  next: string | null = null;
  /** How long a POST of an item is thought about. */
  delayMs = 0;
  readonly #streams = new Map<ServerResponse, readonly string[]>();
  #items: readonly object[] = [];
  #stop: object = { stopped: false };
  #status: object = { readers: { en: 1_204 }, processes: [], provenAgoMs: 4_000 };
  #isUnreachable = false;
  /** What GET of one item says; otherwise the one in the list. */
  item: object | null = null;
  /** What GET of another address says; null: the list. */
  read: (path: string) => object | null = () => null;
  /** What STOP holds, by edition, as GET /v1/stop/held lists it. */
  held: Readonly<Record<string, readonly object[]>> = {};
  moreHeld = 0;
  /** The confirmed sources of every edition, and the version that their ETag names. */
  sources: readonly { readonly name: string; readonly kind: string }[] = [];
  sourcesVersion = 1;
  sourcesStatus = 200;
  onRequest: (request: DeskRequest) => void = () => {};
  answer: (request: DeskRequest) => DeskAnswer = () => ({
    status: 201,
    body: { id: '01A', version: 1, state: 'published', seq: 1 },
  });

  get signedIn(): boolean {
    return this.#signedIn;
  }

  /** The end of a session ends its streams. */
  set signedIn(signedIn: boolean) {
    this.#signedIn = signedIn;
    if (!signedIn) this.endStreams();
  }

  /** What every edition lists. */
  get items(): readonly object[] {
    return this.#items;
  }

  set items(items: readonly object[]) {
    this.#items = items;
    for (const [stream, editions] of this.#streams) this.#snapshots(stream, editions);
  }

  get stop(): object {
    return this.#stop;
  }

  set stop(stop: object) {
    this.#stop = stop;
    this.say('stop', { ...stop, now: Date.now() });
  }

  /** Connections open now, by edition, and ms since the last proof. */
  get status(): object {
    return this.#status;
  }

  set status(status: object) {
    this.#status = status;
    this.say('status', { ...status, stop: this.#stop });
  }

  /** Nobody answers: every connection is cut. */
  get isUnreachable(): boolean {
    return this.#isUnreachable;
  }

  set isUnreachable(isUnreachable: boolean) {
    this.#isUnreachable = isUnreachable;
    if (isUnreachable) for (const stream of this.#streams.keys()) stream.destroy();
  }

  /** Open streams. */
  get streams(): number {
    return this.#streams.size;
  }

  /** An event to every open stream. */
  say(name: string, data: object): void {
    for (const stream of this.#streams.keys()) write(stream, name, data);
  }

  /** Ends every stream as a process does that ends. What is said from now on is for the next ones. */
  endStreams(retryMs = 0): void {
    for (const stream of this.#streams.keys()) stream.end(`retry: ${retryMs}\n\n`);
    this.#streams.clear();
  }

  #open(path: string, response: ServerResponse): void {
    const editions = new URL(path, 'http://desk').searchParams.getAll('edition');
    this.#streams.set(response, editions);
    response.once('close', () => this.#streams.delete(response));
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    this.#snapshots(response, editions);
    write(response, 'status', { ...this.#status, stop: this.#stop });
  }

  #snapshots(stream: ServerResponse, editions: readonly string[]): void {
    for (const edition of editions)
      write(stream, 'snapshot', {
        edition,
        now: Date.now(),
        items: this.#items.filter((item) => Object(item).edition === edition),
        ...(this.next !== null && { next: this.next }),
        stop: this.#stop,
        presence: this.present,
      });
  }

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isUnreachable) {
      incoming.socket.destroy();
      return;
    }
    this.asked.push(incoming.url ?? '');
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: text === '' ? null : JSON.parse(text),
    };
    if (request.method !== 'GET') this.requests.push(request);
    this.onRequest(request);
    if (this.delayMs > 0 && request.method === 'POST')
      await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.signedIn && /^\/v1\/(?:test\/)?stream\?/.test(request.path)) return this.#open(request.path, response);
    const { status, body } = this.#answerTo(request);
    response.writeHead(status, {
      'Content-Type': status < 400 ? 'application/json' : 'application/problem+json',
      ...(request.path.startsWith('/v1/sources') && { ETag: `"${this.sourcesVersion}"` }),
    });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  #answerSources({ method, headers, body }: DeskRequest): DeskAnswer {
    if (this.sourcesStatus !== 200)
      return { status: this.sourcesStatus, body: { type: '/problems/unavailable', title: 'Not now.', status: 503 } };
    if (method === 'PUT') {
      const ifMatch = headers['if-match'];
      if (ifMatch !== undefined && ifMatch !== `"${this.sourcesVersion}"`)
        return { status: 412, body: { title: 'Another version.', status: 412 } };
      this.sources = Object(body).sources;
      this.sourcesVersion += 1;
    }
    const seeds = ['AFP', 'AP', 'Reuters', 'أ ف ب', 'رويترز'].map((name) => ({
      name,
      kind: 'organisation',
      isSeed: true,
    }));
    return {
      status: 200,
      body: { edition: 'en', sources: [...seeds, ...this.sources.map((one) => ({ ...one, isSeed: false }))] },
    };
  }

  #answerTo(request: DeskRequest): DeskAnswer {
    const { method, path } = request;
    if (method === 'POST' && path === '/v1/session') {
      this.signedIn = JSON.stringify(request.body).includes('fw_good_');
      return this.signedIn ? { status: 204 } : { status: 401, body: { title: 'This key is not known.', status: 401 } };
    }
    const { authorization } = request.headers;
    if (authorization !== undefined)
      return authorization.includes('fw_good_')
        ? {
            status: 200,
            body: { keyId: /fw_good_[a-z]+/.exec(authorization)?.[0] ?? 'sam', name: 'Sam Okafor', role: 'reporter' },
          }
        : { status: 401, body: { title: 'This key is not known.', status: 401 } };
    if (!this.signedIn) return { status: 401, body: { title: 'Sign in first.', status: 401 } };
    if (path === '/v1/session')
      return {
        status: 200,
        body: {
          editions: ['en', 'ar', ...this.keyEditions.map((edition) => Object(edition).id)],
          ...this.who,
          ...(this.keyEditions.length > 0 && { keyEditions: this.keyEditions }),
        },
      };
    if (path === '/v1/stop' && method === 'PUT') {
      const isStopped = JSON.stringify(request.body) === '{"stopped":true}';
      this.stop = isStopped ? { stopped: true, by: 'Nour Haddad', at: '2026-03-01T10:00:00.000Z' } : { stopped: false };
    }
    if (path === '/v1/stop') return { status: 200, body: this.stop };
    if (path.startsWith('/v1/sources')) return this.#answerSources(request);
    if (path.startsWith('/v1/stop/held'))
      return {
        status: 200,
        body: { now: Date.now(), items: this.held[path.split('edition=')[1] ?? ''] ?? [], more: this.moreHeld },
      };
    if (path === '/v1/status') return { status: 200, body: { ...this.status, stop: this.stop } };
    if (method === 'GET' && path.endsWith('/delivery'))
      return { status: 200, body: { proofs: this.proofs, estimate: { note: '', painted: [] } } };
    if (method === 'GET' && this.item && /\/items\/\w+$/.test(path)) return { status: 200, body: this.item };
    const other = method === 'GET' ? this.read(path) : null;
    if (other) return { status: 200, body: other };
    if (method === 'GET') return { status: 200, body: { items: this.items, now: Date.now() } };
    return this.answer(request);
  }
}

function write(stream: ServerResponse, name: string, data: object): void {
  stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** An item as GET /v1/items lists it. */
export function deskItem(id: string, state: string, body: object, change: object = {}) {
  const times = {
    acceptedAt: 1_772_359_200_000,
    dueAt: null,
    publishedAt: 1_772_359_200_000,
    updatedAt: 1_772_359_200_000,
  };
  const facets = { urgency: 'urgent', sections: [], regions: [], topics: [] };
  const by = { keyId: 'fw_good_nour', name: 'Nour Haddad' };
  return {
    id,
    edition: 'en',
    version: 3,
    state,
    place: 5,
    publishedVersion: 3,
    reach: null,
    original: null,
    translations: [],
    by,
    ...times,
    body: { edition: 'en', language: 'en', dir: 'ltr', ...facets, ...body },
    ...change,
  };
}
