import type { ConnectionTerms } from '../../protocol/encode.ts';
import { retryWindow } from './retry-window.ts';

/** The current terms of a connection. The same object until they change, so that frames built with them can be shared. */
export class CurrentTerms {
  readonly #beatMs: number;
  readonly #acceptRate: number;
  readonly #connections: () => number;
  #live: ConnectionTerms;
  #stale: ConnectionTerms;

  constructor(beatMs: number, acceptRate: number, connections: () => number) {
    this.#beatMs = beatMs;
    this.#acceptRate = acceptRate;
    this.#connections = connections;
    this.#live = this.#make(false);
    this.#stale = this.#make(true);
  }

  current(isStale: boolean): ConnectionTerms {
    const { withinMs } = retryWindow(this.#connections(), this.#acceptRate);
    if (withinMs !== this.#live.retry.withinMs) {
      this.#live = this.#make(false);
      this.#stale = this.#make(true);
    }
    return isStale ? this.#stale : this.#live;
  }

  #make(stale: boolean): ConnectionTerms {
    return { beatMs: this.#beatMs, stale, retry: retryWindow(this.#connections(), this.#acceptRate) };
  }
}
