/** What one number of readers came to. Null where it could not be had. */
export interface Rung {
  readonly readers: number;
  /** From POST to the last reader, worst item. */
  readonly lastMs: number | null;
  /** Event-loop delay of the fan-out, p99 of the worst sample. */
  readonly loopP99Ms: number | null;
  /** RSS of the fan-out per reader, beyond what it had on the lowest rung; null until there are enough to tell it from noise. */
  readonly rssKb: number | null;
  /** CPU that the busiest possible process of readers needs to read one item, were its readers spread evenly. */
  readonly generatorMs: number;
  /** Share of the time that the processes of readers were busy. */
  readonly generatorShare: number;
  readonly faults: readonly string[];
}

/** What every rung has to keep. */
export interface Objectives {
  readonly maxLastMs: number;
  readonly maxLoopP99Ms: number;
  readonly maxRssKb: number;
}

/** What a rung did not keep. `generator`: the readers were the limit, so nothing is said of the server. */
export interface Broken {
  readonly objective: 'faults' | 'last reader' | 'loop delay' | 'memory' | 'generator' | 'file descriptors';
  readonly detail: string;
}

/** The objectives that a rung breaks; none: it holds. */
export function brokenBy(rung: Rung, objectives: Objectives): readonly Broken[] {
  if (rung.faults.length > 0) return [{ objective: 'faults', detail: rung.faults.join('; ') }];
  const isLate = rung.lastMs !== null && rung.lastMs > objectives.maxLastMs;
  const generator = generatorLimit(rung, isLate);
  if (generator !== null) return [generator];
  return [
    ...over('last reader', rung.lastMs, objectives.maxLastMs, 'ms after the POST'),
    ...over('loop delay', rung.loopP99Ms, objectives.maxLoopP99Ms, 'ms event-loop delay, p99'),
    ...over('memory', rung.rssKb, objectives.maxRssKb, 'kB of RSS a reader'),
  ];
}

/** The next number of readers; null: the processes that serve them could not open so many files. */
export function nextReaders(readers: number, step: number, maxFiles: number | null): number | null {
  const next = step === 0 ? Math.ceil(readers * 1.5) : readers + step;
  return maxFiles !== null && next > readersUnder(maxFiles) ? null : next;
}

/** Each reader is an open file; some are left for everything else. */
export function readersUnder(maxFiles: number): number {
  return Math.floor(maxFiles * 0.95);
}

/** Readers that are busy all the time, or for nearly as long as an item takes, are what was measured. */
function generatorLimit(rung: Rung, isLate: boolean): Broken | null {
  const { generatorMs, generatorShare, lastMs } = rung;
  if (generatorShare > 0.85)
    return { objective: 'generator', detail: `readers busy ${Math.round(generatorShare * 100)} % of the time` };
  return isLate && lastMs !== null && generatorMs > 0.85 * lastMs
    ? {
        objective: 'generator',
        detail: `reading an item takes the readers ${Math.round(generatorMs)} of ${Math.round(lastMs)} ms`,
      }
    : null;
}

function over(objective: Broken['objective'], value: number | null, limit: number, unit: string): readonly Broken[] {
  return value === null || value <= limit
    ? []
    : [{ objective, detail: `${value.toFixed(1)} ${unit}, ${limit} allowed` }];
}
