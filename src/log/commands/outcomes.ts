import type { Redis } from 'ioredis';
import { pulse } from '../redis/pulse.ts';

/** The longest wait of `hears`, ms. An edition appends 900 commands and more in this time, so what still waits is far behind. */
const mostMs = 500;

/** The wait of one caller, with one deadline for everything that it waits for. */
export interface OutcomeWait extends Disposable {
  /** Resolves once outcomes arrive here, or at the deadline. */
  readonly ready: Promise<void>;
  /** Resolves at the next outcome of this command (published, refused, cancelled, replaced), or at the deadline. */
  next(commandId: string): Promise<void>;
  isOver(): boolean;
}

/** How many outcomes are remembered, for callers that ask after the message has come. */
const remembered = 1_000;

/** Wakes the callers that wait for the outcome of a command. Subscribes at the first wait. A lost message only makes a wait longer. */
export class Outcomes {
  readonly #subscriber: Redis;
  readonly #channels: readonly string[];
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Commands that had an outcome lately, oldest first. */
  readonly #heard = new Set<string>();
  /** By channel, how many outcomes have been heard. */
  readonly #counts = new Map<string, number>();
  #subscribed: Promise<void> | undefined;

  constructor(subscriber: Redis, channels: readonly string[]) {
    this.#subscriber = subscriber;
    this.#channels = channels;
    const known = new Set(channels);
    subscriber.on('message', (channel: string, commandId: string) => {
      if (!known.has(channel)) return;
      this.#counts.set(channel, (this.#counts.get(channel) ?? 0) + 1);
      this.#remember(commandId);
      for (const wake of this.#waiting.get(commandId) ?? []) wake();
    });
    const stop = pulse(subscriber);
    subscriber.once('end', stop);
  }

  wait(waitMs: number): OutcomeWait {
    const deadline = withResolvers();
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      deadline.resolve();
    }, waitMs);
    const forget: (() => void)[] = [() => clearTimeout(timer)];
    return {
      ready: Promise.race([this.#subscribe(), deadline.promise]),
      next: (commandId) => {
        const heard = withResolvers();
        forget.push(this.#listen(commandId, heard.resolve));
        return Promise.race([heard.promise, deadline.promise]);
      },
      isOver: () => isOver,
      [Symbol.dispose]: () => {
        for (const end of forget) end();
      },
    };
  }

  /**
   * Waits while outcomes of the channel keep coming, at most `quietMs` for each and half a second in all. Resolves with whether the
   * outcome of this command was among them, or had been before.
   */
  async hears(channel: string, commandId: string, quietMs: number): Promise<boolean> {
    using bound = this.wait(mostMs);
    const count = () => this.#counts.get(channel) ?? 0;
    for (let before = -1; before !== count() && !bound.isOver() && !this.#heard.has(commandId); ) {
      before = count();
      using wait = this.wait(quietMs);
      const outcome = wait.next(commandId);
      await wait.ready;
      await outcome;
    }
    return this.#heard.has(commandId);
  }

  #remember(commandId: string): void {
    this.#heard.add(commandId);
    const [oldest] = this.#heard;
    if (this.#heard.size > remembered && oldest !== undefined) this.#heard.delete(oldest);
  }

  /** ioredis subscribes again after every reconnect. */
  #subscribe(): Promise<void> {
    this.#subscribed ??= this.#subscriber.subscribe(...this.#channels).then(
      () => undefined,
      (error: unknown) => {
        this.#subscribed = undefined;
        throw error;
      },
    );
    return this.#subscribed;
  }

  #listen(commandId: string, wake: () => void): () => void {
    const waiting = this.#waiting.get(commandId) ?? new Set();
    this.#waiting.set(commandId, waiting.add(wake));
    return () => {
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(commandId) === waiting) this.#waiting.delete(commandId);
    };
  }
}

/** Promise.withResolvers needs Node 22. */
function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
