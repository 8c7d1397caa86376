import { testKey } from '../../test/resources/flashwire.ts';
import { pause } from '../fuzz/random.ts';
import type { History, ShownProof } from './history.ts';

const everyMs = 200;
const patienceMs = 1_500;

/** Looks at the desk's list as an editor does, and writes down what it says of deliveries. */
export class ProofWatch {
  readonly #history: History;
  readonly #url: string;
  readonly #known = new Map<string, string>();
  #isOver = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(history: History, apiUrl: string) {
    this.#history = history;
    this.#url = `${apiUrl}/v1/items?edition=en&limit=50`;
  }

  start(): void {
    this.#isOver = false;
    this.#loop = this.#run();
  }

  /** Looks once more, when all has come to rest. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#loop;
    await this.#look();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#look();
      await pause(everyMs);
    }
  }

  async #look(): Promise<void> {
    for (const { id, reach } of await this.#items()) {
      if (!reach) continue;
      const { version, seq, state, targeted, written, caughtUp, waiting, left, silent } = reach;
      const what = JSON.stringify([version, seq, state]);
      if (this.#known.get(id) === what) continue;
      this.#known.set(id, what);
      const counts = { targeted, written, caughtUp, waiting, left };
      this.#history.add({ e: 'proof', at: this.#history.now(), id, version, seq, state, ...counts, silent });
    }
  }

  async #items(): Promise<readonly { readonly id: string; readonly reach: Omit<ShownProof, 'id'> | null }[]> {
    try {
      const headers = { authorization: `Bearer ${testKey}` };
      const response = await fetch(this.#url, { headers, signal: AbortSignal.timeout(patienceMs) });
      return response.ok ? (await response.json()).items : [];
    } catch {
      return [];
    }
  }
}
