import type { ProcessReport, RollCall } from './delivery.ts';

/** A process that has not called for so long is not there. */
const presentMs = 3_500;
/** Within this, everyone who is there has called. */
const callsWithinMs = 1_200;
/** So long it is remembered that it was. */
const rememberedMs = 600_000;

/** Who has called the roll lately. */
export class Roll {
  readonly #now: () => number;
  readonly #since: number;
  readonly #heard = new Map<string, { readonly report: ProcessReport; readonly at: number }>();

  /** `now` is monotonic, ms. */
  constructor(rollCall: RollCall, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
    rollCall.listen((report) => this.#heard.set(report.process, { report, at: now() }));
  }

  /** The newest report of each process that is there. */
  present(): readonly ProcessReport[] {
    const since = this.#now() - presentMs;
    return [...this.#heard.values()].flatMap(({ report, at }) => (at >= since ? [report] : []));
  }

  /** Those that were there so many ms ago, whatever has become of them; null: this process was not listening yet. */
  presentAgo(agoMs: number): readonly ProcessReport[] | null {
    const moment = this.#now() - agoMs;
    if (moment - callsWithinMs < this.#since) return null;
    const forgotten = this.#now() - rememberedMs;
    for (const [id, { at }] of this.#heard) if (at < forgotten) this.#heard.delete(id);
    return [...this.#heard.values()].flatMap(({ report, at }) => (at >= moment - presentMs ? [report] : []));
  }
}
