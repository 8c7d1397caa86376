import { addTo, bucketOf } from '../../item/histogram.ts';
import type { PaintedReport } from '../../log/rollcall/delivery-report.ts';
import type { Clock } from '../scheduling/clock.ts';
import { TokenBucket } from '../scheduling/token-bucket.ts';

interface Samples {
  readonly itemId: string;
  readonly version: number;
  count: number;
  readonly delay: Map<number, number>;
}

const versionsKept = 256;
const samplesASecond = 50;
const samplesAVersion = 1_000;

/**
 * What browsers say that they have painted. Nobody can check it and anybody can send it, so it is a sample and an
 * estimate: bounded in rate and in number, and kept apart from what this process has written itself.
 */
export class PaintedSamples {
  readonly #bucket: TokenBucket;
  readonly #samples = new Map<string, Samples>();
  readonly #changed = new Set<Samples>();

  constructor(clock: Clock) {
    this.#bucket = new TokenBucket(clock, samplesASecond);
  }

  /** Whether there is room for one more now; asked before anything is looked up for it. */
  admits(): boolean {
    return this.#bucket.take();
  }

  add(itemId: string, version: number, delayMs: number): void {
    const key = `${itemId} ${version}`;
    const samples = this.#samples.get(key) ?? { itemId, version, count: 0, delay: new Map() };
    if (samples.count >= samplesAVersion) return;
    samples.count++;
    addTo(samples.delay, bucketOf(delayMs), 1);
    this.#samples.set(key, samples);
    const [oldest] = this.#samples.keys();
    if (this.#samples.size > versionsKept && oldest !== undefined) this.#samples.delete(oldest);
    this.#changed.add(samples);
  }

  /** What has changed since the last call. */
  take(): readonly PaintedReport[] {
    const reports = [...this.#changed].map(({ itemId, version, count, delay }) => ({
      itemId,
      version,
      samples: count,
      delay: [...delay].map(([bucket, size]): [number, number] => [bucket, size]),
    }));
    this.#changed.clear();
    return reports;
  }
}
