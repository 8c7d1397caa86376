import type { DeliveryReport, PaintedReport, ProcessReport } from '../../log/rollcall/delivery-report.ts';
import type { Clock } from '../scheduling/clock.ts';

export interface ReporterDeps {
  readonly clock: Clock;
  /** False when the report cannot have arrived. */
  publish(report: ProcessReport): Promise<boolean>;
  /** Accounts that have changed since the last call. All of them if `isLast`, otherwise perhaps a part. */
  deliveries(isLast: boolean): readonly DeliveryReport[];
  painted(): readonly PaintedReport[];
  /** The current state of this process. */
  self(): Omit<ProcessReport, 'deliveries' | 'painted'>;
}

const everyMs = 100;
const rollCallMs = 1_000;
const deliveriesPerReport = 200;
/** Pub/sub does not retry. So the reporter repeats every account this often, with the roll calls. */
const repeats = 10;

/** Reports the deliveries of this process: within 100 ms of a change, and once a second as a roll call. */
export class DeliveryReporter {
  readonly #deps: ReporterDeps;
  #calledAt = Number.NEGATIVE_INFINITY;
  /** By edition and seq: the newest account of an entry, and how many repeats are left. */
  readonly #pending = new Map<string, { readonly report: DeliveryReport; left: number }>();

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  /** Returns a function that stops it. */
  start(): () => void {
    return this.#deps.clock.every(everyMs, () => this.report());
  }

  /** The last report: all accounts that are still pending, and that no reader is left. Resolves once it has been sent, or has failed. */
  async finish(): Promise<void> {
    this.#takeChanged(true);
    const deliveries = [...this.#pending.values()].map(({ report }) => report);
    await Promise.all(this.#publishAll(deliveries, this.#deps.painted(), true));
  }

  report(): void {
    const { clock } = this.#deps;
    const changed = this.#takeChanged(false);
    const painted = this.#deps.painted();
    const now = clock.now();
    const isRollCall = now - this.#calledAt >= rollCallMs;
    if (isRollCall) this.#calledAt = now;
    else if (changed.length === 0 && painted.length === 0) return;
    void Promise.all(this.#publishAll(isRollCall ? this.#repeat() : changed, painted, false));
  }

  #takeChanged(isLast: boolean): readonly DeliveryReport[] {
    const changed = this.#deps.deliveries(isLast);
    for (const report of changed) this.#pending.set(`${report.edition} ${report.seq}`, { report, left: repeats });
    return changed;
  }

  #publishAll(
    deliveries: readonly DeliveryReport[],
    painted: readonly PaintedReport[],
    leaving: boolean,
  ): readonly Promise<void>[] {
    const published: Promise<void>[] = [];
    for (let at = 0; at === 0 || at < deliveries.length; at += deliveriesPerReport) {
      const isLast = at + deliveriesPerReport >= deliveries.length;
      published.push(
        this.#publish({
          ...this.#deps.self(),
          deliveries: deliveries.slice(at, at + deliveriesPerReport),
          painted: at === 0 ? [...painted] : [],
          ...(leaving && isLast && { leaving }),
        }),
      );
    }
    return published;
  }

  /** A report that cannot have arrived is repeated as often as a new one. */
  async #publish(report: ProcessReport): Promise<void> {
    if (await this.#deps.publish(report)) return;
    for (const delivery of report.deliveries) {
      const key = `${delivery.edition} ${delivery.seq}`;
      if (!this.#pending.has(key)) this.#pending.set(key, { report: delivery, left: repeats });
    }
  }

  #repeat(): readonly DeliveryReport[] {
    const reports: DeliveryReport[] = [];
    for (const [key, pending] of this.#pending) {
      reports.push(pending.report);
      pending.left--;
      if (pending.left === 0) this.#pending.delete(key);
    }
    return reports;
  }
}
