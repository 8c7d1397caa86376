import { formatPosition } from '../protocol/position.ts';
import type { FeedSocketConstructor } from './connection.ts';

/**
 * Requests `url` again and again, as `request` does, and delivers frames until no more can come. Null is a sign of life
 * without a frame. Resolves with the close code that a WebSocket would have had.
 */
type Follow = (url: URL, request: () => Promise<Response>, deliver: (data: string | null) => void) => Promise<number>;

/** The feed over HTTP with the interface of a socket, for networks that block WebSocket. Its constructor takes the URL of the WebSocket. */
function httpSocket(path: string, follow: Follow): FeedSocketConstructor {
  return class {
    readonly #abort = new AbortController();
    readonly #listeners: Record<string, (event: object) => void> = {};

    constructor(webSocketUrl: string) {
      const url = new URL(webSocketUrl.replace(/^ws/, 'http'));
      url.pathname += path;
      const { signal } = this.#abort;
      const emit = (type: string, event: object) => this.#listeners[type]?.(event);
      const end = (code: number) => !signal.aborted && emit('close', { code });
      follow(
        url,
        () => fetch(url, { signal, credentials: 'omit', cache: 'no-store' }),
        (data) => emit('message', { data }),
      ).then(end, () => end(1006));
    }

    /** One of each type, which is what a connection has. */
    addEventListener(type: string, listener: (event: never) => void): void {
      this.#listeners[type] = listener as (event: object) => void;
    }

    close(): void {
      this.#abort.abort();
    }
  };
}

/** Server-sent events. Not by the browser's EventSource: it hides the status and draws its own retry times. */
const followEvents: Follow = async (_url, request, deliver) => {
  const response = await request();
  if (response.status !== 200 || !response.body) return codeOf(response);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let hasFrame = false;
  for (;;) {
    const { done, value } = await reader.read();
    // SE-4: a temporary refusal is an empty stream.
    if (done) return hasFrame ? 4200 : 4100;
    const events = (text + decoder.decode(value, { stream: true })).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /(?:^|\n)data: ([^\n]*)/.exec(event)?.[1];
      hasFrame ||= data !== undefined;
      deliver(data ?? null);
    }
  }
};

interface PolledFrame {
  readonly type: string;
  readonly epoch?: string;
  readonly seq?: number;
  readonly hash?: string;
  readonly stale?: boolean;
}

/** One poll after another, each from the position after the last answer. */
const followPolls: Follow = async (url, request, deliver) => {
  const query = url.searchParams;
  // PL-3: the first answer comes at once, even without news, as the first frame of a connection does.
  query.set('wait', '0');
  let epoch = '';
  let position = -1;
  let hash = '';
  let isStale = false;
  for (let isFirst = true; ; isFirst = false) {
    const sentAt = Date.now();
    const response = await request();
    if (response.status !== 200 && response.status !== 204) return codeOf(response);
    const { frames } = (response.status === 200 ? await response.json() : { frames: [] }) as {
      readonly frames: readonly PolledFrame[];
    };
    const before = position;
    if (frames.length === 0) deliver(null);
    for (const frame of frames) {
      epoch = frame.epoch ?? epoch;
      if (frame.seq !== undefined && frame.seq !== position) hash = frame.hash ?? '';
      position = frame.seq ?? position;
      const hasTurned = frame.stale !== undefined && frame.stale !== isStale;
      isStale = frame.stale ?? isStale;
      if (isFirst || hasTurned || frame.type !== 'resumed') deliver(JSON.stringify(frame));
    }
    query.set('since', formatPosition({ epoch, seq: position, hash }));
    // PL-8: only a poll that does not wait reports a recovery between two polls.
    query.set('wait', isStale ? '0' : '25');
    // PL-11: a cached answer that did not advance the position must not make this a loop.
    const pauseMs = isStale ? 5_000 : 1_000;
    if (position === before && Date.now() - sentAt < pauseMs)
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
};

export const eventsSocket = /* @__PURE__ */ httpSocket('.sse', followEvents);
export const pollsSocket = httpSocket('.poll', followPolls);

/**
 * RW-4: 204 and the server's own 4xx are permanent, and the developer reads the server's sentence in the console. Any other
 * status, such as a proxy's refusal, is temporary.
 */
async function codeOf(response: Response): Promise<number> {
  const { status, headers } = response;
  const isOurs = headers.get('content-type')?.startsWith('application/problem+json') === true;
  if (status === 204) return 4000;
  if (!isOurs || status < 400 || status >= 500 || status === 429) return 4100;
  console.error('flashwire:', (await response.json()).detail);
  return 4000;
}
