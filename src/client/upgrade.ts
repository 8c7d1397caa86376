import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';

interface UpgradeDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** Opens the better connection. */
  connect(onText: (text: string) => void, onLost: (code: number) => void): Connection;
  /** It has been answered: it is the caller's from here on, this text and all that follows included. */
  onAnswered(connection: Connection): void;
  onText(text: string): void;
  onLost(code: number): void;
}

const firstMs = 60_000;
const longestMs = 600_000;

/** Tries a better transport beside one that works, a minute after it has come and then at growing times, until it is answered. */
export class Upgrade {
  readonly #deps: UpgradeDeps;
  #inMs = firstMs;
  #cancel: (() => void) | null = null;
  #candidate: Connection | null = null;

  constructor(deps: UpgradeDeps) {
    this.#deps = deps;
  }

  /** Does nothing while one is planned or under way. */
  plan(): void {
    const { clock, random } = this.#deps;
    this.#cancel ??= clock.after(this.#inMs * (0.75 + random() / 2), () => this.#try());
  }

  cancel(): void {
    this.#cancel?.();
    this.#candidate?.close();
    this.#cancel = null;
    this.#candidate = null;
  }

  #try(): void {
    this.#inMs = Math.min(this.#inMs * 2, longestMs);
    const candidate = this.#deps.connect(
      (text) => {
        if (this.#candidate === candidate) this.#win(candidate);
        this.#deps.onText(text);
      },
      (code) => {
        if (this.#candidate !== candidate) {
          this.#deps.onLost(code);
          return;
        }
        this.cancel();
        this.plan();
      },
    );
    this.#candidate = candidate;
  }

  #win(candidate: Connection): void {
    this.#candidate = null;
    this.#cancel = null;
    this.#inMs = firstMs;
    this.#deps.onAnswered(candidate);
  }
}
