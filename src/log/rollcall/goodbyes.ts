import type { RedisConnection } from '../redis/shards.ts';
import { sayGoodbye } from './delivery-report.ts';

/** Pub/sub does not repeat messages, and the last call of a killed process may arrive after its goodbye. */
const timesSaid = 10;
const everyMs = 1_000;

/** Says goodbye on the roll call for processes that have ended, even if they did so themselves. */
export class Goodbyes {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  /** How often each is still to be said. */
  readonly #left = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #saying: Promise<unknown> = Promise.resolve();

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  sayFor(process: string): void {
    this.#left.set(process, timesSaid);
    this.#sayAll();
    this.#timer ??= setInterval(() => this.#sayAll(), everyMs).unref();
  }

  /** Resolves when the goodbyes on their way are sent or have failed. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saying;
  }

  #sayAll(): void {
    this.#saying = Promise.all([...this.#left.keys()].map((process) => this.#say(process)));
    if (this.#left.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** A goodbye that was not published does not count. */
  async #say(process: string): Promise<void> {
    try {
      await sayGoodbye(this.#redis, this.#prefix, process);
    } catch {
      return;
    }
    const left = (this.#left.get(process) ?? 0) - 1;
    if (left > 0) this.#left.set(process, left);
    else this.#left.delete(process);
  }
}
