import type { RetryWindow } from '../protocol/frame.ts';
import { defaultBeatMs, defaultRetry, parseFrame, type ReceivedFrame } from '../protocol/frame-parse.ts';
import { formatPosition, parsePosition } from '../protocol/position.ts';
import { type Clock, systemClock } from './clock.ts';
import { Connection, type FeedSocketConstructor } from './connection.ts';
import { type Cursor, follow, startCursor } from './cursor.ts';
import type { FeedHandle, FeedOptions, FeedState, FeedStats } from './feed-options.ts';
import { type FeedAddress, feedUrl } from './feed-url.ts';
import { pageSignals } from './page-signals.ts';
import { report } from './report.ts';
import { retryDelay, stableMs } from './retry.ts';
import { TransportChoice } from './transport-choice.ts';
import { Upgrade } from './upgrade.ts';

/**
 * Follows one feed for as long as it is not closed. Every entry of the feed reaches the list once and in order, or the
 * list is replaced by a snapshot; a lost connection goes on where it stopped. Throws a TypeError when `url` is no address.
 */
export function connectFeed(options: FeedOptions): FeedHandle {
  return new Feed(options);
}

const silenceGraceMs = 10_000;
const abnormalClosure = 1006;
/** A page that nobody looks at for so long needs no connection. */
const hiddenMs = 60_000;

class Feed implements FeedHandle {
  readonly #options: FeedOptions;
  readonly #address: FeedAddress;
  readonly #keep: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stopListening: () => void;
  #cursor: Cursor;
  readonly #transports: TransportChoice;
  readonly #upgrade: Upgrade;
  #connection: Connection | null = null;
  #cancelHide: (() => void) | null = null;
  #isAsleep = false;
  #hasReturned = false;
  #isClosed = false;
  #opened = 0;
  #window: RetryWindow = defaultRetry;
  #attempt = 0;
  #answeredAt: number | null = null;
  #state: FeedState = { type: 'connecting' };
  #cancelPlan: (() => void) | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#address = { ...options, limit: options.limit ?? 20 };
    this.#keep = options.keep ?? this.#address.limit;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#cursor = startCursor(parsePosition(options.since ?? ''), options.start);
    this.#transports = new TransportChoice(
      options.WebSocket ?? (typeof WebSocket === 'undefined' ? undefined : WebSocket),
    );
    this.#upgrade = new Upgrade({
      clock: this.#clock,
      random: this.#random,
      connect: (onText, onLost) => this.#connect(this.#transports.better ?? this.#transports.socket, onText, onLost),
      onAnswered: (connection) => this.#promote(connection),
      onText: (text) => this.#receive(text),
      onLost: (code) => this.#retry(code),
    });
    feedUrl(this.#address, null); // throws before anything has started
    queueMicrotask(() => {
      this.#hasReturned = true;
    });
    void this.#call(() => options.onState?.({ type: 'connecting' }));
    this.#open();
    this.#stopListening = (options.signals ?? pageSignals)({
      onOnline: () => this.#comeBack(),
      onOffline: () => {
        // Neither a refused feed nor one that sleeps comes back with the network.
        if (!this.#isAsleep && this.#state.type !== 'offline') this.#becomeOffline(true);
      },
      onVisible: () => this.#wake(),
      onHidden: () => {
        this.#cancelHide ??= this.#clock.after(hiddenMs, () => this.#sleep());
      },
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopListening();
    this.#cancelHide?.();
    this.#drop();
  }

  stats(): FeedStats {
    const { position } = this.#cursor;
    return {
      transport: this.#transports.name,
      position: position && formatPosition(position),
      reconnects: Math.max(0, this.#opened - 1),
    };
  }

  #open(): void {
    this.#drop();
    this.#answeredAt = null;
    this.#opened++;
    this.#connection = this.#connect(
      this.#transports.socket,
      (text) => this.#receive(text),
      (code) => this.#retry(code),
    );
  }

  #connect(socket: FeedSocketConstructor, onText: (text: string) => void, onLost: (code: number) => void): Connection {
    return new Connection({
      url: feedUrl(this.#address, this.#cursor.position),
      WebSocket: socket,
      clock: this.#clock,
      silenceMs: silenceGraceMs,
      onText,
      onLost,
    });
  }

  /** Nobody looks: the place in the log is all that is kept. */
  #sleep(): void {
    this.#cancelHide = null;
    if (this.#state.type === 'offline') return;
    this.#isAsleep = true;
    this.#drop();
    this.#setState({ type: 'catching up' });
  }

  #wake(): void {
    this.#cancelHide?.();
    this.#cancelHide = null;
    if (this.#isAsleep) this.#open();
    else if (this.#connection) this.#connection.check();
    else this.#comeBack();
    this.#isAsleep = false;
  }

  #promote(connection: Connection): void {
    this.#connection?.close();
    this.#connection = connection;
    this.#opened++;
    this.#transports.improve();
  }

  #receive(text: string): void {
    const frame = parseFrame(text);
    // Whoever stands further than where the answer begins has another transport, which tells all the time: nothing is missed.
    if (frame?.type === 'resumed' && frame.seq < (this.#cursor.position?.seq ?? 0)) this.#take({ ...frame, missed: 0 });
    else if (frame) this.#take(frame);
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
    const step = follow(before, frame, Math.max(this.#address.limit * 2, this.#keep));
    if (step.type === 'gap') {
      this.#retry(abnormalClosure);
      return;
    }
    if (step.type === 'applied') this.#cursor = step.cursor;
    const { items } = this.#cursor;
    if (items !== before.items) void this.#call(() => this.#options.onItems(items.slice(0, this.#keep)));
    this.#setState(connectedState(this.#cursor));
    if (step.type === 'applied') void this.#call(() => this.#options.onFrame?.(frame));
  }

  #welcome(frame: { readonly beatMs?: number; readonly retry: RetryWindow }): void {
    this.#answeredAt = this.#clock.now();
    this.#window = frame.retry;
    this.#transports.answered();
    if (this.#transports.better) this.#upgrade.plan();
    this.#connection?.allowSilence((frame.beatMs ?? defaultBeatMs) + silenceGraceMs);
  }

  #retry(code: number): void {
    const planned = this.#connection === null ? null : this.#cancelPlan;
    this.#connection?.close();
    this.#connection = null;
    if (this.#answeredAt !== null && this.#clock.now() - this.#answeredAt >= stableMs) this.#attempt = 0;
    if (this.#answeredAt === null) this.#transports.failed();
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

  /** Whoever is going to connect anew tries no other transport meanwhile. */
  #plan(delayMs: number): void {
    if (this.#isClosed) return; // by a callback, just now
    this.#upgrade.cancel();
    this.#cancelPlan?.();
    this.#cancelPlan = this.#clock.after(delayMs, () => this.#open());
  }

  #drop(): void {
    this.#cancelPlan?.();
    this.#cancelPlan = null;
    this.#upgrade.cancel();
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
    void this.#call(() => this.#options.onState?.(state));
  }

  /** No callback runs before `connectFeed` has returned or after `close()`, and none that throws stops what comes after it. */
  async #call(callback: () => unknown): Promise<void> {
    if (!this.#hasReturned) queueMicrotask(() => this.#call(callback));
    else if (!this.#isClosed) {
      try {
        await callback(); // an async one rejects
      } catch (error) {
        report(error);
      }
    }
  }
}

function connectedState(cursor: Cursor): FeedState {
  if (cursor.stale) return { type: 'delayed' };
  return { type: cursor.missing > 0 ? 'catching up' : 'live' };
}
