import { formatPosition } from '../protocol/position.ts';
import type { FeedSocket, FeedSocketConstructor } from './connection.ts';

/** The feed over HTTP, dressed as a socket, for networks that let no WebSocket through. `url` is that of the WebSocket. */
abstract class HttpSocket implements FeedSocket {
  protected readonly url: URL;
  readonly #abort = new AbortController();
  readonly #listeners: {
    readonly type: string;
    readonly listener: (event: { data: unknown; code: number }) => void;
  }[] = [];
  #isOver = false;

  constructor(url: string, path: string) {
    this.url = new URL(url.replace(/^ws/, 'http'));
    this.url.pathname += path;
    this.follow().then(
      (code) => this.#end(code),
      () => this.#end(1006),
    );
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.push({ type, listener: listener as (event: { data: unknown; code: number }) => void });
  }

  close(): void {
    this.#isOver = true;
    this.#abort.abort();
  }

  /** Hands over frames until there is no more to come; resolves with the close code that a WebSocket would have had. */
  protected abstract follow(): Promise<number>;

  protected ask(): Promise<Response> {
    return fetch(this.url, { signal: this.#abort.signal, credentials: 'omit', cache: 'no-store' });
  }

  /** Null is a sign of life without a frame. */
  protected hand(data: string | null): void {
    this.#emit('message', { data, code: 0 });
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#emit('close', { data: null, code });
  }

  #emit(type: string, event: { data: unknown; code: number }): void {
    for (const known of this.#listeners) if (known.type === type) known.listener(event);
  }
}

/** Server-sent events. Not the browser's EventSource: that one hides the status and draws its own times. */
class StreamSocket extends HttpSocket {
  constructor(url: string) {
    super(url, '.sse');
  }

  protected async follow(): Promise<number> {
    const response = await this.ask();
    if (response.status !== 200 || !response.body) return codeOf(response);
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    let heard = false;
    for (;;) {
      const { done, value } = await reader.read();
      // Refused for now: an empty stream.
      if (done) return heard ? 4200 : 4100;
      const events = (text + decoder.decode(value, { stream: true })).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        heard ||= data !== undefined;
        this.hand(data ?? null);
      }
    }
  }
}

interface PolledFrame {
  readonly type: string;
  readonly epoch?: string;
  readonly seq?: number;
  readonly hash?: string;
  readonly stale?: boolean;
}

/** Asks again and again, each time from where the last answer has led. */
class PollSocket extends HttpSocket {
  constructor(url: string) {
    super(url, '.poll');
  }

  protected async follow(): Promise<number> {
    const query = this.url.searchParams;
    // The first answer is a welcome, whether there is news or not.
    query.set('wait', '0');
    let epoch = '';
    let position = -1;
    let hash = '';
    let isStale = false;
    for (let isFirst = true; ; isFirst = false) {
      const askedAt = Date.now();
      const response = await this.ask();
      if (response.status !== 200 && response.status !== 204) return codeOf(response);
      const { frames } = (response.status === 200 ? await response.json() : { frames: [] }) as {
        readonly frames: readonly PolledFrame[];
      };
      const before = position;
      if (frames.length === 0) this.hand(null);
      for (const frame of frames) {
        epoch = frame.epoch ?? epoch;
        if (frame.seq !== undefined && frame.seq !== position) hash = frame.hash ?? '';
        position = frame.seq ?? position;
        const isTurned = frame.stale !== undefined && frame.stale !== isStale;
        isStale = frame.stale ?? isStale;
        if (isFirst || isTurned || frame.type !== 'resumed') this.hand(JSON.stringify(frame));
      }
      query.set('since', formatPosition({ epoch, seq: position, hash }));
      // Only a poll that does not wait is told that nothing is stale any more.
      query.set('wait', isStale ? '0' : '25');
      // What has not led on must not be asked again at once.
      const calmMs = isStale ? 5_000 : 1_000;
      if (position === before && Date.now() - askedAt < calmMs)
        await new Promise((resolve) => setTimeout(resolve, calmMs));
    }
  }
}

/** In the order in which they are tried after the WebSocket. */
export const httpSockets: readonly FeedSocketConstructor[] = [StreamSocket, PollSocket];

/** 204 and what our server finds wrong with the question are for good; anything else, a proxy's refusal included, may pass. */
function codeOf({ status, headers }: Response): number {
  const isOurs = headers.get('content-type')?.startsWith('application/problem+json') === true;
  return status === 204 || (isOurs && status >= 400 && status < 500 && status !== 429) ? 4000 : 4100;
}
