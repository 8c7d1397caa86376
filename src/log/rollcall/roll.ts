import type { ProcessReport, RollCall } from './delivery-report.ts';

/** A process that has not called for so long is not there. */
const presentMs = 3_500;
/** Within this, everyone who is there has called. */
const callsWithinMs = 1_200;
/** So long a process that fell silent may still have readers. */
const rememberedMs = 600_000;

/** What its newest call says of a process; what it has delivered is not kept here. */
export type Caller = Omit<ProcessReport, 'deliveries' | 'painted' | 'leaving'>;

/** One that calls, or has fallen silent without a goodbye. */
export interface Heard extends Caller {
  readonly heardAgoMs: number;
}

/** Who has called the roll lately. */
export class Roll {
  readonly #now: () => number;
  readonly #since: number;
  /** In the order of their newest calls. */
  readonly #heard = new Map<string, { readonly caller: Caller; readonly at: number }>();

  /** `now` is monotonic, ms. */
  constructor(rollCall: RollCall, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
    rollCall.listen((report) => this.#hear(report));
  }

  /** Those that are there: they have called in the last seconds and have not said goodbye. */
  present(): readonly Caller[] {
    const since = this.#now() - presentMs;
    return [...this.#heard.values()].flatMap(({ caller, at }) => (at >= since ? [caller] : []));
  }

  /**
   * Those that may have had readers so many ms ago: heard in the last ten minutes, and no goodbye since. One that cannot
   * reach Redis is among them, since its readers still show what they were told. Null: this process was not listening yet.
   */
  presentAgo(agoMs: number): readonly Heard[] | null {
    const now = this.#now();
    if (now - agoMs - callsWithinMs < this.#since) return null;
    this.#forget(now);
    return [...this.#heard.values()].map(({ caller, at }) => ({ ...caller, heardAgoMs: now - at }));
  }

  #hear({ process, startedAt, readers, canary, isReady, leaving }: ProcessReport): void {
    const at = this.#now();
    this.#heard.delete(process);
    if (!leaving) this.#heard.set(process, { caller: { process, startedAt, readers, canary, isReady }, at });
    this.#forget(at);
  }

  #forget(now: number): void {
    for (const [process, { at }] of this.#heard) {
      if (at >= now - rememberedMs) return;
      this.#heard.delete(process);
    }
  }
}
