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
const samplesPerSecond = 50;
const samplesPerVersion = 1_000;

/**
 * Versions that browsers report as painted. Any client can send such a report and no server can check it. So it is an
 * estimate from a sample, bounded to 50 per second per process and 1,000 per version, and never part of the proof.
 */
export class PaintedSamples {
  readonly #bucket: TokenBucket;
  readonly #samples = new Map<string, Samples>();
  readonly #changed = new Set<Samples>();

  constructor(clock: Clock) {
    this.#bucket = new TokenBucket(clock, samplesPerSecond);
  }

  /** Takes a token for one sample. Call it before any look-up. */
  admits(): boolean {
    return this.#bucket.take();
  }

  add(itemId: string, version: number, delayMs: number): void {
    const key = `${itemId} ${version}`;
    const samples = this.#samples.get(key) ?? { itemId, version, count: 0, delay: new Map() };
    if (samples.count >= samplesPerVersion) return;
    samples.count++;
    addTo(samples.delay, bucketOf(delayMs), 1);
    this.#samples.set(key, samples);
    const [oldest] = this.#samples.keys();
    if (this.#samples.size > versionsKept && oldest !== undefined) this.#samples.delete(oldest);
    this.#changed.add(samples);
  }

  /** The versions with new samples since the last call. */
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
