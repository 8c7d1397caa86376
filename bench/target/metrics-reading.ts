import { BenchError } from '../process/bench-error.ts';

/** What the processes that serve the readers tell of themselves at one moment, all of them together. */
export interface MetricsReading {
  /** Counters since the start of the processes. */
  readonly skipped: number;
  readonly caughtUp: number;
  readonly snapshots: Readonly<Record<string, number>>;
  /** Connections cut, by close code. */
  readonly cut: Readonly<Record<string, number>>;
  readonly gc: GcReading;
  /** Worst of the processes, since their start. */
  readonly longestSliceMs: number;
  /** Worst of the processes since the reading before, beyond the 10 ms that the timer under it waits anyway. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly heapBytes: number;
  /** Outside of the heap: above all, bytes that were handed to the kernel and are still to be taken. */
  readonly externalBytes: number;
  /** Open files that they may have. */
  readonly maxFiles: number;
}

/** Pauses for garbage since the start. */
export interface GcReading {
  readonly count: number;
  readonly ms: number;
  /** Pauses no longer than that many seconds, by bucket; `+Inf` holds all. */
  readonly buckets: Readonly<Record<string, number>>;
}

/** One line of a Prometheus text: a name, its labels, a value. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Null when nobody said where the metrics are. */
export async function readMetrics(urls: readonly string[]): Promise<MetricsReading | null> {
  if (urls.length === 0) return null;
  return joinReadings(await Promise.all(urls.map(async (url) => readingOf(parseMetrics(await text(url))))));
}

/** The text format of Prometheus, as far as a process writes it: no escapes in labels. Other lines are passed over. */
export function parseMetrics(body: string): readonly MetricSample[] {
  return body.split('\n').flatMap((line) => {
    const match = /^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    if (match?.[1] === undefined) return [];
    const labels = [...(match[2] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key ?? '', value ?? '']);
    return [{ name: match[1], labels: Object.fromEntries(labels), value: Number(match[3]) }];
  });
}

export function readingOf(samples: readonly MetricSample[]): MetricsReading {
  const all = (name: string) => samples.filter((sample) => sample.name === name);
  const sum = (name: string) => all(name).reduce((total, sample) => total + sample.value, 0);
  const by = (name: string, label: string) =>
    all(name).reduce(
      (tally, { labels, value }) => add(tally, { [labels[label] ?? '']: value }),
      {} as Readonly<Record<string, number>>,
    );
  const delay = (name: string) => Math.max(0, sum(name) * 1_000 - timerMs);
  return {
    skipped: sum('flashwire_skipped_total'),
    caughtUp: sum('flashwire_caught_up_total'),
    snapshots: by('flashwire_snapshots_total', 'reason'),
    cut: by('flashwire_cut_total', 'code'),
    gc: {
      count: sum('nodejs_gc_duration_seconds_count'),
      ms: sum('nodejs_gc_duration_seconds_sum') * 1_000,
      buckets: by('nodejs_gc_duration_seconds_bucket', 'le'),
    },
    longestSliceMs: sum('flashwire_longest_slice_seconds') * 1_000,
    loopDelayP99Ms: delay('nodejs_eventloop_lag_p99_seconds'),
    loopDelayMaxMs: delay('nodejs_eventloop_lag_max_seconds'),
    externalBytes: sum('nodejs_external_memory_bytes'),
    heapBytes: sum('nodejs_heap_size_used_bytes'),
    maxFiles: sum('process_max_fds'),
  };
}

export function joinReadings(readings: readonly MetricsReading[]): MetricsReading | null {
  const [first, ...others] = readings;
  return first === undefined ? null : others.reduce(joinTwo, first);
}

/** Upper end, in ms, of the bucket that holds the longest pause between two readings; 0 for none, infinite above all buckets. */
export function longestPauseMs(before: GcReading, after: GcReading): number {
  let seen = 0;
  let longest = 0;
  for (const [edge, count] of Object.entries(after.buckets).sort((a, b) => seconds(a[0]) - seconds(b[0]))) {
    const rise = count - (before.buckets[edge] ?? 0);
    if (rise > seen) longest = seconds(edge) * 1_000;
    seen = Math.max(seen, rise);
  }
  return longest;
}

/** The delay is sampled by a timer of 10 ms, which is in what it reports. */
const timerMs = 10;

function seconds(edge: string): number {
  return edge === '+Inf' ? Number.POSITIVE_INFINITY : Number(edge);
}

function joinTwo(a: MetricsReading, b: MetricsReading): MetricsReading {
  return {
    skipped: a.skipped + b.skipped,
    caughtUp: a.caughtUp + b.caughtUp,
    snapshots: add(a.snapshots, b.snapshots),
    cut: add(a.cut, b.cut),
    gc: { count: a.gc.count + b.gc.count, ms: a.gc.ms + b.gc.ms, buckets: add(a.gc.buckets, b.gc.buckets) },
    longestSliceMs: Math.max(a.longestSliceMs, b.longestSliceMs),
    loopDelayP99Ms: Math.max(a.loopDelayP99Ms, b.loopDelayP99Ms),
    loopDelayMaxMs: Math.max(a.loopDelayMaxMs, b.loopDelayMaxMs),
    externalBytes: a.externalBytes + b.externalBytes,
    heapBytes: a.heapBytes + b.heapBytes,
    maxFiles: a.maxFiles + b.maxFiles,
  };
}

function add(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [key, value] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}

async function text(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    if (response.ok) return await response.text();
    throw new BenchError(`${url} answered ${response.status}`);
  } catch (cause) {
    if (cause instanceof BenchError) throw cause;
    throw new BenchError(`${url}: no metrics`, { cause });
  }
}
