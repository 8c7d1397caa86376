import type { ConnectionTerms } from '../../protocol/encode.ts';
import { retryWindow } from './retry-window.ts';

const longBeatMs = 50_000;

/** The interval for clients that ask for a beat every 50 s: at most that, and at most 2.5 times the usual interval. */
export function longBeatOf(beatMs: number): number {
  return Math.max(beatMs, Math.min(longBeatMs, beatMs * 2.5));
}

/** The current terms of a connection. The same object until they change, so that frames built with them can be shared. */
export class CurrentTerms {
  readonly #beatMs: number;
  readonly #acceptRate: number;
  readonly #connections: () => number;
  #terms: Terms;

  constructor(beatMs: number, acceptRate: number, connections: () => number) {
    this.#beatMs = beatMs;
    this.#acceptRate = acceptRate;
    this.#connections = connections;
    this.#terms = this.#make();
  }

  current(isStale: boolean, hasLongBeat = false): ConnectionTerms {
    const { withinMs } = retryWindow(this.#connections(), this.#acceptRate);
    if (withinMs !== this.#terms.live.usual.retry.withinMs) this.#terms = this.#make();
    const terms = isStale ? this.#terms.stale : this.#terms.live;
    return hasLongBeat ? terms.long : terms.usual;
  }

  #make(): Terms {
    const retry = retryWindow(this.#connections(), this.#acceptRate);
    const ofBoth = (stale: boolean) => ({
      usual: { beatMs: this.#beatMs, stale, retry },
      long: { beatMs: longBeatOf(this.#beatMs), stale, retry },
    });
    return { live: ofBoth(false), stale: ofBoth(true) };
  }
}

/** By staleness and by interval between beats. */
type Terms = Readonly<Record<'live' | 'stale', { readonly usual: ConnectionTerms; readonly long: ConnectionTerms }>>;
