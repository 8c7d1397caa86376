import { pause } from '../fuzz/random.ts';

/** What an api says its accepted items rest on, from a moment on. */
export interface HealthSeen {
  /** As on /readyz; `none`: it does not answer, or does not know yet. */
  readonly state: string;
  /** When it was first seen, from the fault on. 0: before it. */
  readonly afterMs: number;
}

/** Longer than the api takes to look again (src/ops/redis/durability.ts), and than its look takes. */
const backWithinMs = 13_000;

/** Asks an api for its health several times per second, and keeps each change. */
export class HealthWatch {
  readonly #read: () => Promise<string>;
  readonly #now: () => number;
  readonly #seen: { readonly state: string; readonly at: number }[] = [];
  readonly #everyMs: number;
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(read: () => Promise<string>, now: () => number, everyMs = 200) {
    this.#read = read;
    this.#now = now;
    this.#everyMs = everyMs;
    this.#done = this.#watch();
  }

  /** Watches on until the health is what it was before the fault, and ends. The first one is that of before the fault. */
  async end(struckAt: number): Promise<readonly HealthSeen[]> {
    const before = this.#seen.findLast(({ at }) => at <= struckAt)?.state;
    const bound = this.#now() + backWithinMs;
    while (this.#seen.at(-1)?.state !== before && this.#now() < bound) await pause(this.#everyMs);
    this.#isOver = true;
    await this.#done;
    const first = this.#seen.findLastIndex(({ at }) => at <= struckAt);
    return this.#seen
      .slice(Math.max(0, first))
      .map(({ state, at }) => ({ state, afterMs: Math.max(0, at - struckAt) }));
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const state = await this.#read();
      if (state !== this.#seen.at(-1)?.state) this.#seen.push({ state, at: this.#now() });
      await pause(this.#everyMs);
    }
  }
}

/** The state on the `redis:` line of /readyz. */
export async function readHealth(apiUrl: string): Promise<string> {
  const response = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
  const text = (await response?.text().catch(() => '')) ?? '';
  return /^redis: (\w+)$/m.exec(text)?.[1] ?? 'none';
}
