import type { ProcessReport, RollCall } from './delivery-report.ts';

/** A process that has not called for so long is not there. */
const presentMs = 3_500;
/** Within this, everyone who is there has called. */
const callsWithinMs = 1_200;
/** So long a process that fell silent may still have readers. */
export const rememberedMs = 600_000;

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
  #isWhole: boolean;
  /** In the order of their newest calls. */
  readonly #heard = new Map<string, { readonly caller: Caller; readonly at: number }>();

  /** `now` is monotonic, ms. One that is not whole waits for `recall`. */
  constructor(rollCall: RollCall, now: () => number = () => performance.now(), isWhole = true) {
    this.#now = now;
    this.#isWhole = isWhole;
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
   * reach Redis is among them, since its readers still show what they were told. Null: this process was not listening yet, or does
   * not know yet who had fallen silent before.
   */
  presentAgo(agoMs: number): readonly Heard[] | null {
    if (!this.#isWhole || this.#now() - agoMs - callsWithinMs < this.#since) return null;
    return this.heard();
  }

  /** Everyone who was heard in the last ten minutes, with no goodbye since. */
  heard(): readonly Heard[] {
    const now = this.#now();
    this.#forget(now);
    return [...this.#heard.values()].map(({ caller, at }) => ({ ...caller, heardAgoMs: now - at }));
  }

  /** Who was heard by others before this process listened. */
  recall(before: readonly Heard[]): void {
    this.#isWhole = true;
    const now = this.#now();
    const since = [...this.#heard];
    this.#heard.clear();
    for (const { heardAgoMs, ...caller } of before.toSorted((a, b) => b.heardAgoMs - a.heardAgoMs))
      this.#heard.set(caller.process, { caller, at: now - heardAgoMs });
    for (const [process, heard] of since) {
      this.#heard.delete(process);
      this.#heard.set(process, heard);
    }
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
