import { Redis } from 'ioredis';
import { z } from 'zod';
import { channelsOf } from '../../src/log/redis/redis-keys.ts';
import type { ProcessReport } from '../../src/log/rollcall/delivery-report.ts';
import { BenchError } from '../process/bench-error.ts';
import { sampleProcess } from '../process/system.ts';
import { SaveCounter } from './save-counter.ts';

/** As the roles of a run have it. */
const prefix = 'fw';
/** A report and its repetition. */
const timesSaid = 2;
/** An api saves a second after it has heard. */
const savedAfterMs = 2_500;
const calledForMs = 4_000;

const reportSchema = z.looseObject({
  process: z.string(),
  deliveries: z.array(z.looseObject({ itemId: z.string() })),
});

export interface FleetCost {
  /** Commands that save the reports of an item. */
  readonly savesPerItem: number;
  /** ms of the api per item and fan-out. */
  readonly apiMsPerReport: number;
  /** ms of one fan-out a second, while all call. */
  readonly fanoutMsPerSecond: number;
  /** What Redis sends a second for the roll call. */
  readonly bytesPerSecond: number;
}

export interface FleetUnderTest {
  readonly redisUrl: string;
  readonly apiPid: number;
  readonly fanoutPid: number;
  /** Posts an item. */
  post(): Promise<void>;
}

/** Stands in for fan-outs that are not there: repeats what the real one reports under many names. */
export class ReplayedFleet implements AsyncDisposable {
  readonly #system: FleetUnderTest;
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #channel: string;
  #heard: ((report: ProcessReport) => void) | null = null;

  constructor(system: FleetUnderTest) {
    this.#system = system;
    this.#redis = new Redis(system.redisUrl);
    this.#subscriber = new Redis(system.redisUrl);
    this.#channel = channelsOf(this.#redis, prefix).rollCall;
    this.#subscriber.on('message', (_channel, message) => {
      const read = reportSchema.safeParse(JSON.parse(message));
      // The report of a real process: what it holds is repeated as it is.
      if (read.success && !read.data.process.startsWith('replayed-')) this.#heard?.(read.data as never);
    });
  }

  async start(): Promise<void> {
    await this.#subscriber.subscribe(this.#channel);
  }

  /** What that many fan-outs cost, beside the one that is there. */
  async measure(fanouts: number): Promise<FleetCost> {
    const names = Array.from({ length: fanouts }, (_, n) => `replayed-${n}`);
    const call = await this.#report(() => true);
    const called = await this.#callFor(call, names);
    const alone = await this.#item([]);
    const all = await this.#item(names);
    for (const process of names) void this.#redis.publish(this.#channel, JSON.stringify({ process, leaving: true }));
    await this.#redis.ping();
    const apiMs = all.apiMs - alone.apiMs;
    return { ...called, savesPerItem: all.saves, apiMsPerReport: Math.max(0, apiMs) / (fanouts * timesSaid) };
  }

  /** Posts an item and repeats its report under these names. Waits until the api has saved all. */
  async #item(names: readonly string[]): Promise<{ readonly saves: number; readonly apiMs: number }> {
    const before = cpuOf(this.#system.apiPid);
    const saves = new SaveCounter(this.#system.redisUrl);
    const heard = this.#report(({ deliveries }) => deliveries.length > 0);
    await this.#system.post();
    const report = await heard;
    for (let times = 0; times < timesSaid; times++) await this.#say(report, names);
    await new Promise((resolve) => setTimeout(resolve, savedAfterMs));
    return { saves: saves.end(), apiMs: cpuOf(this.#system.apiPid) - before };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
    this.#subscriber.disconnect();
  }

  /** A roll call a second of each, spread over the second. */
  async #callFor(
    call: ProcessReport,
    names: readonly string[],
  ): Promise<Pick<FleetCost, 'fanoutMsPerSecond' | 'bytesPerSecond'>> {
    const empty = { ...call, deliveries: [], painted: [] };
    const pieces = 20;
    const before = { cpu: cpuOf(this.#system.fanoutPid), bytes: await this.#bytesSent(), at: performance.now() };
    for (let piece = 0; performance.now() - before.at < calledForMs; piece++) {
      const due = before.at + (piece + 1) * (1_000 / pieces);
      await this.#say(
        empty,
        names.filter((_, n) => n % pieces === piece % pieces),
      );
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
    const seconds = (performance.now() - before.at) / 1_000;
    return {
      fanoutMsPerSecond: (cpuOf(this.#system.fanoutPid) - before.cpu) / seconds,
      bytesPerSecond: ((await this.#bytesSent()) - before.bytes) / seconds,
    };
  }

  async #bytesSent(): Promise<number> {
    return Number(/total_net_output_bytes:(\d+)/.exec(await this.#redis.info('stats'))?.[1]);
  }

  async #say(report: ProcessReport, names: readonly string[]): Promise<void> {
    const pipeline = this.#redis.pipeline();
    for (const process of names) pipeline.publish(this.#channel, JSON.stringify({ ...report, process }));
    await pipeline.exec();
  }

  /** The next report of the real fan-out that is as asked. */
  async #report(isIt: (report: ProcessReport) => boolean): Promise<ProcessReport> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new BenchError('the fan-out has not reported within 10 s')), 10_000);
      this.#heard = (report) => {
        if (!isIt(report)) return;
        this.#heard = null;
        clearTimeout(timer);
        resolve(report);
      };
    });
  }
}

function cpuOf(pid: number): number {
  const sample = sampleProcess(pid);
  if (!sample) throw new BenchError(`the CPU time of process ${pid} cannot be read`);
  return sample.cpuMs;
}
