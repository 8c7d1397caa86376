import { canaryEdition } from '../../item/canary.ts';
import type { ProcessReport } from '../../log/rollcall/delivery-report.ts';
import type { Clock } from '../scheduling/clock.ts';
import { DeliveryLedger, type DeliveryWatch } from './delivery-ledger.ts';
import { DeliveryReporter } from './delivery-reporter.ts';
import { PaintedSamples } from './painted-samples.ts';

/** No browser paints a version for the first time later than this because the version was sent. */
const sampleWithinMs = 600_000;

/** How a process reports its deliveries to the API processes. */
export interface Reporting {
  /** Unique id of this process. */
  readonly process: string;
  /** Redis' clock, ms: of the Redis that has this edition, without one that of the site's. */
  logNow(edition?: string): number;
  /** False when the report cannot have arrived. */
  publish(report: ProcessReport): Promise<boolean>;
  /** The newest canary that has come through a socket of this process. */
  canary(): ProcessReport['canary'];
  isReady(): boolean;
  /** How many fan-out processes are present, as far as this one knows. */
  readonly processes?: () => number;
  /** For traces. */
  readonly watch?: DeliveryWatch | null;
}

/** What a process can prove of its deliveries (the ledger), what it can estimate (painted samples), and the reports of both. */
export class DeliveryProof {
  readonly ledger: DeliveryLedger;
  readonly #clock: Clock;
  readonly #reporting: Reporting | undefined;
  readonly #painted: PaintedSamples;
  #reporter: DeliveryReporter | null = null;

  /** `send` sends what transports have collected. */
  constructor(clock: Clock, reporting: Reporting | undefined, send: () => void) {
    this.#clock = clock;
    this.#reporting = reporting;
    this.ledger = new DeliveryLedger(reporting?.logNow ?? Date.now, reporting?.watch, send);
    this.#painted = new PaintedSamples(clock);
  }

  /** A browser reports that it painted a version, `delayMs` after the frame arrived. Ignored unless the version was sent lately. */
  takeSample(edition: string, itemId: string, version: number, delayMs: number): void {
    if (!this.#painted.admits()) return;
    const since = (this.#reporting?.logNow(edition) ?? Date.now()) - sampleWithinMs;
    if (this.ledger.hasSent(edition, itemId, version, since)) this.#painted.add(itemId, version, delayMs);
  }

  /** Starts to report. `readers` counts the connected readers by edition. Returns a function that stops it. */
  start(readers: () => Readonly<Record<string, number>>): () => void {
    const reporting = this.#reporting;
    if (!reporting) return () => undefined;
    const startedAt = this.#clock.now();
    this.#reporter = new DeliveryReporter({
      clock: this.#clock,
      publish: reporting.publish,
      deliveries: (isLast) => this.ledger.take(isLast).filter((report) => report.edition !== canaryEdition.id),
      painted: () => this.#painted.take(),
      self: () => ({
        process: reporting.process,
        // By Redis' clock, as the times of the entries that it is compared with.
        startedAt: reporting.logNow() - (this.#clock.now() - startedAt),
        readers: readers(),
        canary: reporting.canary(),
        isReady: reporting.isReady(),
      }),
    });
    return this.#reporter.start();
  }

  /** Sends the last report. Call it after the last reader has left and reporting has stopped. */
  async finish(): Promise<void> {
    await this.#reporter?.finish();
  }
}
