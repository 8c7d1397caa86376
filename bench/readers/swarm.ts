import { type Clock, wallOffset } from '../process/clock.ts';
import { Arrivals, type Taken } from './arrivals.ts';
import { ChunkCache } from './chunk-cache.ts';
import { dialects } from './dialect.ts';
import { FrameCache } from './frame-cache.ts';
import { Reader, type ReaderHost } from './reader.ts';
import { type ReaderTarget, sourceAddress } from './reader-target.ts';
import { emptyReport, type SwarmReport } from './swarm-report.ts';

export interface SwarmDeps {
  /** The nth reader takes the nth, round and round. */
  readonly targets: readonly [ReaderTarget, ...ReaderTarget[]];
  readonly clock: Clock;
  /** 0 <= value < 1. */
  readonly random: () => number;
}

/** The readers of one process. */
export class Swarm {
  readonly #deps: SwarmDeps;
  readonly #host: ReaderHost;
  readonly #readers: Reader[] = [];
  readonly #attempts = new Map<Reader, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #waiting = new Set<Reader>();
  #answeredAt = new Map<Reader, number>();
  #settled: (() => void) | null = null;
  #isClosed = false;

  constructor(deps: SwarmDeps) {
    this.#deps = deps;
    this.#host = {
      buffer: Buffer.allocUnsafe(64 * 1024),
      cache: new FrameCache(dialects[deps.targets[0].dialect].unwrap),
      chunks: new ChunkCache(),
      parsed: null,
      now: 0,
      report: emptyReport(),
      clock: deps.clock,
      wallOffset: wallOffset(deps.clock),
      arrivals: new Arrivals(),
      answered: (reader) => this.#answered(reader),
      lost: (reader, reason) => this.#lost(reader, reason),
    };
  }

  /** Adds readers at a pace; resolves when every one of them has been answered or has given up. `firstIndex` chooses the source address. */
  async connect(readers: number, perSecond: number, firstIndex: number): Promise<void> {
    const { targets } = this.#deps;
    const added = Array.from({ length: readers }, (_, i) => {
      const target = targets[(firstIndex + i) % targets.length] ?? targets[0];
      return new Reader(this.#host, target, sourceAddress(target, firstIndex + i, targets.length));
    });
    this.#readers.push(...added);
    const all = this.#allAnswered(added);
    const start = this.#deps.clock();
    let next = 0;
    const pace = setInterval(() => {
      const due = Math.min(added.length, Math.ceil(((this.#deps.clock() - start) / 1_000) * perSecond));
      // A listener's backlog holds a few hundred: beyond that a SYN is lost and costs a second.
      for (; next < due && this.#waiting.size - (added.length - next) < maxOpening; next++) added[next]?.connect();
      if (next === added.length) clearInterval(pace);
    }, 5);
    this.#timers.add(pace);
    await all;
  }

  /**
   * Cuts every reader at once; each comes back with its position at a random time in `withinMs`, or in the window that
   * the server announced to it when that is null. Resolves with ms from the cut to each reader's answer.
   */
  async cut(withinMs: number | null): Promise<readonly number[]> {
    const open = this.#readers.filter((reader) => reader.isOpen);
    const all = this.#allAnswered(open);
    const start = this.#deps.clock();
    for (const reader of open) reader.cut();
    for (const reader of open) this.#connectLater(reader, this.#delay(reader, withinMs));
    await all;
    return open.flatMap((reader) => (this.#answeredAt.get(reader) ?? start) - start || []);
  }

  report(): SwarmReport {
    const { user, system } = process.cpuUsage();
    return {
      ...this.#host.report,
      readers: this.#readers.length,
      open: this.#readers.filter((reader) => reader.isOpen).length,
      windowMs: this.#readers.reduce((most, { retry }) => Math.max(most, retry.afterMs + retry.withinMs), 0),
      cpuMs: (user + system) / 1_000,
      processes: 1,
      sightings: [...this.#host.cache.sightings.values()],
    };
  }

  /** How long deliveries took since this was last asked. */
  takeArrivals(): Taken {
    return this.#host.arrivals.take();
  }

  /** For each reader, how late the latest entry was since this was last asked, ms. */
  takeLateness(): readonly number[] {
    return this.#readers.map((reader) => {
      const { latestMs } = reader;
      reader.latestMs = 0;
      return latestMs;
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const reader of this.#readers) reader.leave();
    this.#waiting.clear();
    this.#settled?.();
  }

  #allAnswered(readers: readonly Reader[]): Promise<void> {
    this.#waiting = new Set(readers);
    this.#answeredAt = new Map();
    return new Promise((resolve) => {
      this.#settled = resolve;
      if (readers.length === 0) resolve();
    });
  }

  #answered(reader: Reader): void {
    this.#attempts.delete(reader);
    this.#answeredAt.set(reader, this.#deps.clock());
    this.#noLongerWaiting(reader);
  }

  #noLongerWaiting(reader: Reader): void {
    if (this.#waiting.delete(reader) && this.#waiting.size === 0) this.#settled?.();
  }

  #lost(reader: Reader, reason: string): void {
    if (this.#isClosed) return;
    const attempts = (this.#attempts.get(reader) ?? 0) + 1;
    this.#attempts.set(reader, attempts);
    if (attempts > maxAttempts || hopeless.has(reason)) {
      this.#host.report.gaveUp += 1;
      this.#noLongerWaiting(reader);
    } else {
      this.#connectLater(
        reader,
        attempts === 1 ? this.#delay(reader, null) : this.#deps.random() * 500 * 2 ** Math.min(attempts, 4),
      );
    }
  }

  #delay(reader: Reader, withinMs: number | null): number {
    return withinMs === null
      ? reader.retry.afterMs + this.#deps.random() * reader.retry.withinMs
      : this.#deps.random() * withinMs;
  }

  #connectLater(reader: Reader, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      reader.connect();
    }, ms);
    this.#timers.add(timer);
  }
}

const maxOpening = 400;
const maxAttempts = 12;
/** Answers that another attempt does not change. */
const hopeless = new Set(['400', '401', '403', '404', '426', '4000']);
