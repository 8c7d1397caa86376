import type { ProcessReport, RollCall } from '../../../src/log/rollcall/delivery-report.ts';
import { Roll } from '../../../src/log/rollcall/roll.ts';

/** A roll with a clock in hand. */
export class HandRoll implements RollCall {
  now = 0;
  readonly #listeners: ((report: ProcessReport) => void)[] = [];
  readonly roll = new Roll(this, () => this.now);

  async say(report: ProcessReport): Promise<boolean> {
    for (const listener of this.#listeners) listener(report);
    return true;
  }

  listen(onReport: (report: ProcessReport) => void): () => void {
    this.#listeners.push(onReport);
    return () => void this.#listeners.splice(this.#listeners.indexOf(onReport), 1);
  }

  call(process: string, more: Partial<ProcessReport> = {}): void {
    const self = { process, startedAt: 0, readers: { en: 10 }, canary: null, isReady: true };
    void this.say({ ...self, deliveries: [], painted: [], ...more });
  }

  /** Names of those that are there, and of those that may have had readers a moment ago. */
  get names() {
    const ago = this.roll.presentAgo(0);
    return [this.roll.present().map(({ process }) => process), ago?.map(({ process }) => process) ?? null];
  }
}
