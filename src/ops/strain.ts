import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { youngGenerationBytes } from './node-flags.ts';

/** What a process measures about itself. */
export interface Gauges {
  /** Used part of the limit of the old generation: V8 aborts the process when it is full, even if the young generation is empty. */
  heapRatio(): number;
  /** Used part of the memory that this process may use. Buffers and sockets are outside of the heap. */
  memoryRatio?(): number;
  /** 99th percentile of the event loop's delay since the last call, ms. */
  loopP99Ms(): number;
}

const heapFullAt = 0.85;
const memoryFullAt = 0.9;
const roomyAt = 0.8;
const slowMs = 200;
const quickMs = 100;
/** Samples per window of the event loop's delay: five seconds. */
const samplesPerWindow = 20;

/**
 * Whether this process is overloaded. Above 85 % of its heap or 90 % of its memory it accepts no more readers until both are below
 * 80 %, because a process that runs out of either loses all readers at once. An event loop with a p99 above 200 ms for two windows
 * is slow until a window is below 100 ms. Call `look` every 250 ms: joining readers can fill the heap in less than a second.
 */
export class Strain {
  readonly #gauges: Gauges;
  #looks = 0;
  #slowWindows = 0;
  #isSlow = false;
  #isHeapFull = false;
  #isMemoryFull = false;
  heapRatio = 0;
  memoryRatio = 0;
  loopP99Ms = 0;

  constructor(gauges: Gauges) {
    this.#gauges = gauges;
  }

  look(): void {
    this.heapRatio = this.#gauges.heapRatio();
    this.memoryRatio = this.#gauges.memoryRatio?.() ?? 0;
    this.#isHeapFull = this.heapRatio > (this.#isHeapFull ? roomyAt : heapFullAt);
    this.#isMemoryFull = this.memoryRatio > (this.#isMemoryFull ? roomyAt : memoryFullAt);
    this.#looks++;
    if (this.#looks % samplesPerWindow !== 0) return;
    this.loopP99Ms = this.#gauges.loopP99Ms();
    this.#slowWindows = this.loopP99Ms > slowMs ? this.#slowWindows + 1 : 0;
    this.#isSlow = this.#isSlow ? this.loopP99Ms > quickMs : this.#slowWindows >= 2;
  }

  isFull(): boolean {
    return this.#isHeapFull || this.#isMemoryFull;
  }

  /** Null: not overloaded. Otherwise the reason, as one line. */
  whyNot(): string | null {
    if (this.#isHeapFull) return `${Math.round(this.heapRatio * 100)} % of the heap is in use`;
    if (this.#isMemoryFull) return `${Math.round(this.memoryRatio * 100)} % of the memory is in use`;
    return this.#isSlow ? `the event loop is late by ${Math.round(this.loopP99Ms)} ms (p99)` : null;
  }
}

/**
 * The memory that each of `processes` may use, bytes: its share of the limit of the container, or of the machine without a limit.
 * Node reports no limit as 0 or as a number larger than any machine.
 */
export function memoryLimit(constrained: number, machine: number, processes: number): number {
  return Math.min(constrained > 0 ? constrained : machine, machine) / processes;
}

/**
 * Watches the strain of this process, one of `processes` on this machine. `flags` are the flags of its Node. `onChange` is called
 * with a reason when the strain begins, and with null when it ends.
 */
export function watchStrain(
  flags: readonly string[],
  processes: number,
  onChange: (why: string | null) => void,
): Strain {
  const young = youngGenerationBytes(flags);
  const limit = memoryLimit(process.constrainedMemory(), totalmem(), processes);
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const strain = new Strain({
    heapRatio: () => {
      const old = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'));
      const used = old.reduce((sum, space) => sum + space.space_used_size, 0);
      return used / (getHeapStatistics().heap_size_limit - young);
    },
    memoryRatio: () => process.memoryUsage.rss() / limit,
    loopP99Ms: () => {
      const p99Ms = delay.percentile(99) / 1e6;
      delay.reset();
      return p99Ms;
    },
  });
  let wasStrained = false;
  setInterval(() => {
    strain.look();
    const why = strain.whyNot();
    if ((why !== null) === wasStrained) return;
    wasStrained = why !== null;
    onChange(why);
  }, 250).unref();
  return strain;
}
