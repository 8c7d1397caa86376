import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { youngGenerationBytes } from './node-flags.ts';

/** What a process can find out about itself. */
export interface Gauges {
  /** Part of the old generation's limit that is in use: V8 ends the process where that is full, however empty the young one is. */
  heapRatio(): number;
  /** 99th percentile of the event loop's delay since the last call, ms. */
  loopP99Ms(): number;
}

const fullAt = 0.85;
const roomyAt = 0.8;
const slowMs = 200;
const quickMs = 100;
/** Looks that make a window of the loop's delay: five seconds. */
const looksAWindow = 20;

/**
 * Whether this process has more to do or to keep than it can: above 85 % of its heap it takes no more readers until it is
 * below 80 %, since a process that runs out of heap loses all of them at once; a loop whose p99 is above 200 ms for two
 * windows is slow until a window is below 100 ms. To be looked at every 250 ms: readers that join take a heap's rest in less than a second.
 */
export class Strain {
  readonly #gauges: Gauges;
  #looks = 0;
  #slowWindows = 0;
  #isSlow = false;
  #isFull = false;
  heapRatio = 0;
  loopP99Ms = 0;

  constructor(gauges: Gauges) {
    this.#gauges = gauges;
  }

  look(): void {
    this.heapRatio = this.#gauges.heapRatio();
    this.#isFull = this.heapRatio > (this.#isFull ? roomyAt : fullAt);
    this.#looks++;
    if (this.#looks % looksAWindow !== 0) return;
    this.loopP99Ms = this.#gauges.loopP99Ms();
    this.#slowWindows = this.loopP99Ms > slowMs ? this.#slowWindows + 1 : 0;
    this.#isSlow = this.#isSlow ? this.loopP99Ms > quickMs : this.#slowWindows >= 2;
  }

  isFull(): boolean {
    return this.#isFull;
  }

  /** Null: at ease. Otherwise what is the matter, as one line. */
  whyNot(): string | null {
    if (this.#isFull) return `${Math.round(this.heapRatio * 100)} % of the heap is in use`;
    return this.#isSlow ? `the event loop is late by ${Math.round(this.loopP99Ms)} ms (p99)` : null;
  }
}

/**
 * The strain of this process. `flags` are those that its Node was started with; `onChange` hears when
 * the strain begins and, with null, when it is over.
 */
export function watchStrain(flags: readonly string[], onChange: (why: string | null) => void): Strain {
  const young = youngGenerationBytes(flags);
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const strain = new Strain({
    heapRatio: () => {
      const old = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'));
      const used = old.reduce((sum, space) => sum + space.space_used_size, 0);
      return used / (getHeapStatistics().heap_size_limit - young);
    },
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
