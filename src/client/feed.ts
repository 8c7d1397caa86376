import type { PublicItem } from '../item/item.ts';
import type { RetryWindow } from '../protocol/frame.ts';
import { defaultBeatMs, defaultRetry, parseFrame, type ReceivedFrame } from '../protocol/frame-parse.ts';
import { parsePosition } from '../protocol/position.ts';
import { type Clock, systemClock } from './clock.ts';
import { Connection, type FeedSocketConstructor } from './connection.ts';
import { type Cursor, follow, startCursor } from './cursor.ts';
import { type FeedAddress, feedUrl } from './feed-url.ts';
import { pageSignals, type Signals } from './page-signals.ts';
import { retryDelay, stableMs } from './retry.ts';

/** What a reader can be told about the feed; `delayed`: connected, but the server itself has lost sight of the log. */
export type FeedState =
  | { readonly type: 'connecting' }
  | { readonly type: 'live' }
  | { readonly type: 'delayed' }
  | { readonly type: 'catching up' }
  /** `since`: ms, when the connection was lost. `retrying` is false when the server has said not to come back. */
  | { readonly type: 'offline'; readonly since: number; readonly retrying: boolean };

export interface FeedOptions extends Omit<FeedAddress, 'limit'> {
  /** Items asked for and shown: 20 (default) or 50. */
  readonly limit?: 20 | 50;
  /** A position to go on from; without it the feed starts with a snapshot. */
  readonly since?: string;
  /** The newest `limit` items, newest place first, after every change. */
  onItems(items: readonly PublicItem[]): void;
  onState?(state: FeedState): void;
  /** Every frame that was applied, once and in order, after `onItems`. */
  onFrame?(frame: ReceivedFrame): void;
  /** For Node before 22, and for tests. */
  readonly WebSocket?: FeedSocketConstructor;
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly signals?: Signals;
}

export interface FeedHandle {
  close(): void;
}

/**
 * Follows one feed for as long as it is not closed. Every entry of the feed reaches the list once and in order, or the
 * list is replaced by a snapshot; a lost connection goes on where it stopped. Throws a TypeError when `url` is no address.
 */
export function connectFeed(options: FeedOptions): FeedHandle {
  return new Feed(options);
}

const silenceGraceMs = 10_000;
const abnormalClosure = 1006;

class Feed implements FeedHandle {
  readonly #options: FeedOptions;
  readonly #address: FeedAddress;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stopListening: () => void;
  #cursor: Cursor;
  #connection: Connection | null = null;
  #window: RetryWindow = defaultRetry;
  #attempt = 0;
  #answeredAt: number | null = null;
  #state: FeedState = { type: 'connecting' };
  #cancelPlan: (() => void) | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#address = { ...options, limit: options.limit ?? 20 };
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#cursor = startCursor(parsePosition(options.since ?? ''));
    options.onState?.(this.#state);
    this.#open();
    this.#stopListening = (options.signals ?? pageSignals)({
      onOnline: () => this.#comeBack(),
      onOffline: () => this.#becomeOffline(true),
      onVisible: () => (this.#connection ? this.#connection.check() : this.#comeBack()),
    });
  }

  close(): void {
    this.#stopListening();
    this.#drop();
  }

  #open(): void {
    this.#drop();
    this.#answeredAt = null;
    this.#connection = new Connection({
      url: feedUrl(this.#address, this.#cursor.position),
      WebSocket: this.#options.WebSocket ?? WebSocket,
      clock: this.#clock,
      silenceMs: silenceGraceMs,
      onText: (text) => this.#receive(text),
      onLost: (code) => this.#retry(code),
    });
  }

  #receive(text: string): void {
    const frame = parseFrame(text);
    if (frame) this.#take(frame);
    else this.#retry(abnormalClosure); // whatever it was, a resume tells it again
  }

  #take(frame: ReceivedFrame): void {
    if (frame.type === 'reconnect') {
      this.#plan(this.#drawIn(frame));
      return;
    }
    if (frame.type === 'snapshot' || frame.type === 'resumed') this.#welcome(frame);
    else if (frame.type === 'beat' && frame.retry) this.#window = frame.retry;
    const before = this.#cursor;
    const step = follow(before, frame, this.#address.limit * 2);
    if (step.type === 'hole') {
      this.#retry(abnormalClosure);
      return;
    }
    if (step.type === 'applied') this.#cursor = step.cursor;
    if (this.#cursor.items !== before.items) this.#options.onItems(this.#cursor.items.slice(0, this.#address.limit));
    this.#setState(connectedState(this.#cursor));
    if (step.type === 'applied') this.#options.onFrame?.(frame);
  }

  #welcome(frame: { readonly beatMs?: number; readonly retry: RetryWindow }): void {
    this.#answeredAt = this.#clock.now();
    this.#window = frame.retry;
    this.#connection?.allowSilence((frame.beatMs ?? defaultBeatMs) + silenceGraceMs);
  }

  #retry(code: number): void {
    const planned = this.#connection === null ? null : this.#cancelPlan;
    this.#connection?.close();
    this.#connection = null;
    if (this.#answeredAt !== null && this.#clock.now() - this.#answeredAt >= stableMs) this.#attempt = 0;
    const delay = retryDelay(code, this.#attempt, this.#window, this.#random);
    this.#becomeOffline(delay !== null);
    this.#attempt += 1;
    if (delay === null) this.#drop();
    else if (!planned) this.#plan(delay); // a drain has already drawn its time
  }

  /** The network or the reader is back: what was waiting in back-off starts over, in the window. */
  #comeBack(): void {
    if (this.#state.type !== 'offline' || !this.#state.retrying) return;
    this.#attempt = 0;
    this.#plan(this.#drawIn(this.#window));
  }

  #drawIn(window: RetryWindow): number {
    return window.afterMs + this.#random() * window.withinMs;
  }

  #plan(delayMs: number): void {
    this.#cancelPlan?.();
    this.#cancelPlan = this.#clock.after(delayMs, () => this.#open());
  }

  #drop(): void {
    this.#cancelPlan?.();
    this.#cancelPlan = null;
    this.#connection?.close();
    this.#connection = null;
  }

  #becomeOffline(retrying: boolean): void {
    const since = this.#state.type === 'offline' ? this.#state.since : this.#clock.now();
    this.#setState({ type: 'offline', since, retrying });
  }

  #setState(state: FeedState): void {
    const known = this.#state;
    const same =
      known.type === state.type &&
      (known.type !== 'offline' || state.type !== 'offline' || known.retrying === state.retrying);
    if (same) return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}

function connectedState(cursor: Cursor): FeedState {
  if (cursor.stale) return { type: 'delayed' };
  return { type: cursor.missing > 0 ? 'catching up' : 'live' };
}
