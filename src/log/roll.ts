import type { ProcessReport, RollCall } from './delivery.ts';

/** A process that has not called for so long is not there. */
const presentMs = 3_500;

/** Who has called the roll lately. */
export class Roll {
  readonly #now: () => number;
  readonly #heard = new Map<string, { readonly report: ProcessReport; readonly at: number }>();

  /** `now` is monotonic, ms. */
  constructor(rollCall: RollCall, now: () => number = () => performance.now()) {
    this.#now = now;
    rollCall.listen((report) => this.#heard.set(report.process, { report, at: now() }));
  }

  /** The newest report of each process that is there. */
  present(): readonly ProcessReport[] {
    const since = this.#now() - presentMs;
    for (const [id, { at }] of this.#heard) if (at < since) this.#heard.delete(id);
    return [...this.#heard.values()].map(({ report }) => report);
  }
}
