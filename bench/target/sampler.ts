import type { Figure, Series } from '../figures/figure.ts';
import type { Clock } from '../process/clock.ts';
import { kernelSocketBytes, type ProcessSample, sampleProcesses } from '../process/system.ts';
import { type MetricsReading, readMetrics } from './metrics-reading.ts';
import type { SystemUnderTest } from './server.ts';

/** What the processes that serve the readers used and held at one moment. */
export interface Sample {
  /** ms of the shared monotonic clock. */
  readonly at: number;
  readonly fanout: ProcessSample | null;
  readonly kernelBytes: number | null;
  readonly metrics: MetricsReading | null;
}

/** Never empty: the first sample is of the start and the last of the end. */
export type Samples = readonly [Sample, ...Sample[]];

/**
 * Looks at a system at a steady pace while something else goes on. It is the only one that reads the metrics meanwhile:
 * each reading of the loop delay begins a new one.
 */
export class Sampler {
  readonly #system: SystemUnderTest;
  readonly #clock: Clock;
  readonly #samples: [Sample, ...Sample[]];
  readonly #timer: NodeJS.Timeout;
  #pending: Promise<void> | null = null;
  #error: unknown = null;

  private constructor(system: SystemUnderTest, clock: Clock, everyMs: number, first: Sample) {
    this.#system = system;
    this.#clock = clock;
    this.#samples = [first];
    this.#timer = setInterval(() => {
      this.#pending ??= this.#look();
    }, everyMs);
  }

  static async start(system: SystemUnderTest, clock: Clock, everyMs: number): Promise<Sampler> {
    return new Sampler(system, clock, everyMs, await takeSample(system, clock));
  }

  get samples(): Samples {
    return this.#samples;
  }

  /** Looks once more and ends; rejects with what went wrong on the way. */
  async stop(): Promise<Samples> {
    clearInterval(this.#timer);
    await this.#pending;
    await this.#look();
    if (this.#error !== null) throw this.#error;
    return this.#samples;
  }

  /** Ends without a last look; for a run that has failed. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Never rejects: nobody waits for it until the end. */
  async #look(): Promise<void> {
    try {
      this.#samples.push(await takeSample(this.#system, this.#clock));
    } catch (error) {
      this.#error ??= error;
    } finally {
      this.#pending = null;
    }
  }
}

/** What was sampled, over seconds since the first sample. Lines that could not be had are left out. */
export function seriesOf(samples: Samples): readonly Series[] {
  const start = samples[0].at;
  const line = (
    name: string,
    label: string,
    unit: Figure['unit'],
    pick: (sample: Sample) => number | null,
  ): Series => ({
    name,
    label,
    unit,
    points: samples.flatMap((sample) => {
      const value = pick(sample);
      return value === null ? [] : [[(sample.at - start) / 1_000, value] as const];
    }),
  });
  return [
    { ...line('cpu', 'CPU of the fan-out', 'cores', () => null), points: cpuPoints(samples) },
    line('rss', 'RSS of the fan-out', 'MB', (sample) => mega(sample.fanout?.rssBytes)),
    line('heap', 'heap of the fan-out', 'MB', (sample) => mega(sample.metrics?.heapBytes)),
    line('kernel', 'kernel socket buffers of the machine', 'MB', (sample) => mega(sample.kernelBytes ?? undefined)),
    line('files', 'open files of the fan-out', '', (sample) => sample.fanout?.openFiles ?? null),
    // The first reading is of the time before.
    line('loop_delay', 'event-loop delay of the fan-out, p99', 'ms', (sample) =>
      sample === samples[0] ? null : (sample.metrics?.loopDelayP99Ms ?? null),
    ),
  ].filter((series) => series.points.length > 0);
}

async function takeSample(system: SystemUnderTest, clock: Clock): Promise<Sample> {
  const metrics = await readMetrics(system.metricsUrls);
  return { at: clock(), fanout: sampleProcesses(system.fanoutPids), kernelBytes: kernelSocketBytes(), metrics };
}

/** Each point is the share of the time since the sample before. */
function cpuPoints(samples: Samples): Series['points'] {
  return samples.slice(1).flatMap((sample, i) => {
    const before = samples[i];
    if (before?.fanout == null || sample.fanout === null || sample.at === before.at) return [];
    const share = (sample.fanout.cpuMs - before.fanout.cpuMs) / (sample.at - before.at);
    return [[(sample.at - samples[0].at) / 1_000, share] as const];
  });
}

function mega(bytes: number | undefined): number | null {
  return bytes === undefined ? null : bytes / 1e6;
}
