import type { DeliveryReport, PaintedReport, ProcessReport } from '../../log/rollcall/delivery-report.ts';
import type { Clock } from '../scheduling/clock.ts';

export interface ReporterDeps {
  readonly clock: Clock;
  /** False when nobody can have heard it. */
  say(report: ProcessReport): Promise<boolean>;
  /** What has changed since the last call; all of it in the last one. */
  deliveries(isLast: boolean): readonly DeliveryReport[];
  painted(): readonly PaintedReport[];
  /** The process as it is now. */
  self(): Omit<ProcessReport, 'deliveries' | 'painted'>;
}

const everyMs = 100;
const rollCallMs = 1_000;
const deliveriesAReport = 200;
/** Pub/sub forgets whom it could not reach: every account is told again this often, with the roll calls. */
const timesTold = 10;

/** Tells the desk what this process has delivered: within 100 ms of any change, and once a second that it is there. */
export class DeliveryReporter {
  readonly #deps: ReporterDeps;
  #calledAt = Number.NEGATIVE_INFINITY;
  /** Newest account of each entry that is still to be told, and how often. */
  readonly #toTell = new Map<string, { readonly report: DeliveryReport; left: number }>();

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  /** Returns what ends it. */
  start(): () => void {
    return this.#deps.clock.every(everyMs, () => this.tell());
  }

  /** The last call: all that is still to be told, and that no reader is left here. Resolves when it has been said, or cannot be. */
  async sayGoodbye(): Promise<void> {
    this.#fresh(true);
    const deliveries = [...this.#toTell.values()].map(({ report }) => report);
    await Promise.all(this.#sayAll(deliveries, this.#deps.painted(), true));
  }

  tell(): void {
    const { clock } = this.#deps;
    const fresh = this.#fresh(false);
    const painted = this.#deps.painted();
    const now = clock.now();
    const isRollCall = now - this.#calledAt >= rollCallMs;
    if (isRollCall) this.#calledAt = now;
    else if (fresh.length === 0 && painted.length === 0) return;
    void Promise.all(this.#sayAll(isRollCall ? this.#again() : fresh, painted, false));
  }

  #fresh(isLast: boolean): readonly DeliveryReport[] {
    const fresh = this.#deps.deliveries(isLast);
    for (const report of fresh) this.#toTell.set(`${report.edition} ${report.seq}`, { report, left: timesTold });
    return fresh;
  }

  #sayAll(
    deliveries: readonly DeliveryReport[],
    painted: readonly PaintedReport[],
    leaving: boolean,
  ): readonly Promise<void>[] {
    const said: Promise<void>[] = [];
    for (let at = 0; at === 0 || at < deliveries.length; at += deliveriesAReport) {
      const isLast = at + deliveriesAReport >= deliveries.length;
      said.push(
        this.#say({
          ...this.#deps.self(),
          deliveries: deliveries.slice(at, at + deliveriesAReport),
          painted: at === 0 ? [...painted] : [],
          ...(leaving && isLast && { leaving }),
        }),
      );
    }
    return said;
  }

  /** What nobody has heard is told again from the start. */
  async #say(report: ProcessReport): Promise<void> {
    if (await this.#deps.say(report)) return;
    for (const delivery of report.deliveries) {
      const key = `${delivery.edition} ${delivery.seq}`;
      if (!this.#toTell.has(key)) this.#toTell.set(key, { report: delivery, left: timesTold });
    }
  }

  #again(): readonly DeliveryReport[] {
    const reports: DeliveryReport[] = [];
    for (const [key, told] of this.#toTell) {
      reports.push(told.report);
      told.left--;
      if (told.left === 0) this.#toTell.delete(key);
    }
    return reports;
  }
}
