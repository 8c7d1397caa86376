import { canaryEdition } from '../../item/canary.ts';
import type { FanoutTelling } from '../fanout-options.ts';
import type { Clock } from '../scheduling/clock.ts';
import { DeliveryLedger } from './delivery-ledger.ts';
import { DeliveryReporter } from './delivery-reporter.ts';
import { PaintedSamples } from './painted-samples.ts';

/** Later than this nobody paints a version for the first time because it was sent. */
const sampleWithinMs = 600_000;

/** What a process can prove and what it can estimate of its deliveries, and the telling of it. */
export class Delivery {
  readonly ledger: DeliveryLedger;
  readonly #clock: Clock;
  readonly #telling: FanoutTelling | undefined;
  readonly #painted: PaintedSamples;
  #reporter: DeliveryReporter | null = null;

  constructor(clock: Clock, telling: FanoutTelling | undefined) {
    this.#clock = clock;
    this.#telling = telling;
    this.ledger = new DeliveryLedger(telling?.logNow ?? Date.now);
    this.#painted = new PaintedSamples(clock);
  }

  /** A browser says that it has painted a version that was sent lately, so many ms after its frame had come. */
  takeSample(edition: string, itemId: string, version: number, delayMs: number): void {
    if (!this.#painted.admits()) return;
    const since = (this.#telling?.logNow() ?? Date.now()) - sampleWithinMs;
    if (this.ledger.hasSent(edition, itemId, version, since)) this.#painted.add(itemId, version, delayMs);
  }

  /** Tells from now on; `readers` are those connected, by edition. Returns what ends it. */
  start(readers: () => Readonly<Record<string, number>>): () => void {
    const telling = this.#telling;
    if (!telling) return () => undefined;
    const startedAt = this.#clock.now();
    this.#reporter = new DeliveryReporter({
      clock: this.#clock,
      say: telling.say,
      deliveries: (isLast) => this.ledger.take(isLast).filter((report) => report.edition !== canaryEdition.id),
      painted: () => this.#painted.take(),
      self: () => ({
        process: telling.process,
        // By Redis' clock, like the entries that it is compared with.
        startedAt: telling.logNow() - (this.#clock.now() - startedAt),
        readers: readers(),
        canary: telling.canary(),
        isReady: telling.isReady(),
      }),
    });
    return this.#reporter.start();
  }

  /** Once no reader is left and nothing is told any more: the last call. */
  async sayGoodbye(): Promise<void> {
    await this.#reporter?.sayGoodbye();
  }
}
