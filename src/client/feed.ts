import { defaultRetry, type RetryWindow } from '../protocol/frame.ts';
import { parseFrame, type ReceivedFrame } from '../protocol/frame-parse.ts';
import { formatPosition, parsePosition } from '../protocol/position.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Connection, type FeedSocketConstructor, openConnection } from './connection.ts';
import { type Cursor, emptyCursor, follow, startCursor } from './cursor.ts';
import type { FeedHandle, FeedOptions, FeedStats } from './feed-options.ts';
import { type Effect, type Event, publicState, type State, transition } from './feed-state.ts';
import { feedUrl } from './feed-url.ts';
import { listen, pageSignals } from './page-signals.ts';
import { report } from './report.ts';
import { drawIn, retryDelay, stableMs } from './retry.ts';
import { chooseTransport, type TransportChoice, transportNames } from './transport-choice.ts';

/**
 * Follows one feed until `close()`. Every entry of the feed reaches the list once and in order, or a snapshot replaces
 * the list. After a lost connection the feed resumes from its position.
 *
 * @example
 * ```ts
 * const feed = connectFeed({
 *   url: 'https://news.example',
 *   edition: 'en',
 *   onItems: (items) => console.log(items.map((item) => (item.status === 'usable' ? lineOf(item) : item.notice))),
 *   onState: (state) => console.log(state.type),
 * });
 * feed.close();
 * ```
 * @throws TypeError if `url` is not an address. Nothing is thrown later: a failure is a state (`onState`).
 */
export function connectFeed(options: FeedOptions): FeedHandle {
  const feed = new Feed(options, startCursor(parsePosition(options.since ?? ''), options.start));
  return { close: () => feed.on('close'), stats: () => statsOf(feed) };
}

function statsOf({ transports, cursor: { position }, reconnects }: Feed): FeedStats {
  return { transport: transportNames[transports.rung()], position: position && formatPosition(position), reconnects };
}

/** The same from a snapshot, for the ticker: its script leaves out what a position and a list to start from need. */
export function followFromSnapshot(options: Omit<FeedOptions, 'since' | 'start'>): Pick<FeedHandle, 'close'> {
  const feed = new Feed(options, emptyCursor);
  return { close: () => feed.on('close') };
}

const abnormalClosure = 1006;
/** A better transport is tried this long after the first answer of a worse one, then at intervals that double. */
const firstSearchMs = 60_000;
const longestSearchMs = 600_000;

/** Turns what happens into events of the table in feed-state.ts, and has a method for each effect. Decides nothing that the table decides. */
class Feed implements Readonly<Record<Effect, (delayMs: number) => void>> {
  readonly #options: FeedOptions;
  readonly #url: URL;
  readonly #keep: number;
  /** Items held: more than are shown, so that one can leave the list and the next take its place. */
  readonly #held: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stopListening: () => void;
  readonly transports: TransportChoice;
  #state: State = 'connecting';
  /** What `onState` received last. */
  #shown: { readonly type?: string; readonly since?: number } = {};
  #hasReturned = false;
  cursor: Cursor;
  #connection: Connection | null = null;
  #cancelPlan: (() => void) | null = null;
  /** Cancels the timer of the next attempt on a better transport, or the attempt itself. */
  #cancelSearch: (() => void) | null = null;
  #searchMs = firstSearchMs;
  reconnects = -1;
  #window: RetryWindow = defaultRetry;
  #attempt = 0;
  /** When the present connection received its first frame. */
  #answeredAt: number | null = null;

  constructor(options: FeedOptions, cursor: Cursor) {
    this.#options = options;
    const limit = options.limit ?? 20;
    const keep = options.keep ?? limit;
    this.#url = feedUrl({ ...options, limit }); // throws before anything has started
    this.#keep = keep;
    this.#held = Math.max(limit * 2, keep);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.cursor = cursor;
    this.transports = chooseTransport(options.WebSocket ?? globalThis.WebSocket);
    queueMicrotask(() => {
      this.#hasReturned = true;
    });
    this.#show();
    this.open();
    this.#stopListening = listen(options.signals ?? pageSignals, this.#clock, (event) => this.on(event));
  }

  /** `delayMs`: how long a connection that the effect plans has to wait. */
  on(event: Event, delayMs = 0): void {
    const [next, effect] = transition(this.#state, event);
    this.#state = next ?? this.#state;
    if (effect) this[effect](delayMs);
    this.#show();
  }

  open(): void {
    this.close();
    this.#answeredAt = null;
    this.reconnects++;
    this.#connection = this.#connect(this.transports.socket());
  }

  close(): void {
    this.#cancelPlan?.();
    this.#cancelPlan = null;
    this.#cancelSearch?.();
    this.#cancelSearch = null;
    this.#connection?.close();
    this.#connection = null;
  }

  /** A feed that is about to connect again tries no better transport meanwhile. */
  plan(delayMs: number): void {
    this.#cancelSearch?.();
    this.#cancelSearch = null;
    this.#cancelPlan?.();
    this.#cancelPlan = this.#clock.after(delayMs, () => this.on('due'));
  }

  retry(delayMs: number): void {
    this.#connection?.close();
    this.#connection = null;
    if (!this.#cancelPlan) this.plan(delayMs);
  }

  hurry(): void {
    this.#attempt = 0;
    this.plan(drawIn(this.#window, this.#random));
  }

  check(): void {
    this.#connection?.check();
  }

  end(): void {
    this.#stopListening();
    this.close();
  }

  /** A candidate takes the place of the present connection with its first frame. If it is lost before, another is tried later. */
  #connect(WebSocket: FeedSocketConstructor, isCandidate = false): Connection {
    const { position } = this.cursor;
    if (position) this.#url.searchParams.set('since', formatPosition(position));
    const connection = openConnection({
      url: this.#url.href,
      WebSocket,
      clock: this.#clock,
      onText: (text) => {
        if (isCandidate) {
          isCandidate = false;
          this.#connection?.close();
          this.#connection = connection;
          this.#cancelSearch = null;
          this.#searchMs = firstSearchMs;
          this.reconnects++;
          this.transports.improve();
        }
        this.#receive(text);
      },
      onLost: (code) => {
        if (!isCandidate) this.#lose(code);
        else {
          this.#cancelSearch = null;
          this.#search();
        }
      },
    });
    return connection;
  }

  /** Does nothing while an attempt is planned or under way. */
  #search(): void {
    const better = this.transports.better();
    if (better)
      this.#cancelSearch ??= this.#clock.after(this.#searchMs * (0.75 + this.#random() / 2), () => {
        let candidate: Connection | null = null;
        this.#searchMs = Math.min(this.#searchMs * 2, longestSearchMs);
        this.#cancelSearch = () => candidate?.close();
        candidate = this.#connect(better, true);
      });
  }

  #receive(text: string): void {
    const frame = parseFrame(text);
    // While a better transport is tried, the present one keeps delivering, so the position may already be past `seq`: nothing was missed.
    if (frame?.type === 'resumed' && frame.seq < (this.cursor.position?.seq ?? 0)) this.#take({ ...frame, missed: 0 });
    else if (frame) this.#take(frame);
    else this.#lose(abnormalClosure); // CR-12: a resume brings again what it was
  }

  #take(frame: ReceivedFrame): void {
    if (frame.type === 'reconnect') {
      this.on('reconnect', drawIn(frame, this.#random));
      return;
    }
    if (frame.type === 'snapshot' || frame.type === 'resumed') {
      this.#answeredAt = this.#clock.now();
      this.#window = frame.retry;
      this.transports.answered();
      this.#search();
      this.#connection?.allowSilence(frame.beatMs);
    } else if (frame.type === 'beat' && frame.retry) this.#window = frame.retry;
    const before = this.cursor;
    const next = follow(before, frame, this.#held);
    if (!next) {
      this.#lose(abnormalClosure);
      return;
    }
    this.cursor = next;
    const { items, stale, missing } = next;
    if (items !== before.items) void this.#call(() => this.#options.onItems(items.slice(0, this.#keep)));
    this.on(stale ? 'delayed' : missing > 0 ? 'catching up' : 'live');
    if (next !== before) void this.#call(() => this.#options.onFrame?.(frame));
  }

  #lose(code: number): void {
    if (this.#answeredAt === null) this.transports.failed();
    else if (this.#clock.now() - this.#answeredAt >= stableMs) this.#attempt = 0;
    const delayMs = retryDelay(code, this.#attempt++, this.#window, this.#random);
    this.on(delayMs === null ? 'refused' : 'lost', delayMs ?? 0);
  }

  /** Calls `onState` if the state looks different from outside. */
  #show(): void {
    const { since = this.#clock.now() } = this.#shown;
    const state = publicState(this.#state, since);
    if (JSON.stringify(state) === JSON.stringify(this.#shown)) return;
    this.#shown = state;
    void this.#call(() => this.#options.onState?.(state));
  }

  /** No callback runs before `connectFeed` has returned or after `close()`, and none that throws stops what comes after it. */
  async #call(callback: () => unknown): Promise<void> {
    if (!this.#hasReturned) queueMicrotask(() => this.#call(callback));
    else if (this.#state !== 'closed') {
      try {
        await callback(); // an async one rejects
      } catch (error) {
        report(error);
      }
    }
  }
}
