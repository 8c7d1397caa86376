import { z } from 'zod';

const tally = z.record(z.string(), z.number());

/** What readers have seen so far. Counters only rise; scenarios look at differences. */
export const swarmReportSchema = z.object({
  readers: z.number(),
  /** Readers with an answered connection at this moment. */
  open: z.number(),
  /** Readers that were refused for good or ran out of attempts. */
  gaveUp: z.number(),
  /** The longest time, in ms, that the server asked a reader to come back in. */
  windowMs: z.number(),
  attempts: z.number(),
  frames: tally,
  /** By RuleFault, and `bad-frame`. */
  faults: tally,
  /** The first few faults in words. */
  examples: z.array(z.string()),
  /** Connections lost without having been cut: by close code or reason. */
  dropped: tally,
  /** Connections that never opened: by HTTP status or error code. */
  refused: tally,
  bytes: z.number(),
  /** User and system time of the processes that hold the readers. */
  cpuMs: z.number(),
  processes: z.number(),
  sightings: z.array(
    z.object({
      seq: z.number(),
      id: z.string(),
      version: z.number(),
      appendedAt: z.number(),
      count: z.number(),
      first: z.number(),
      last: z.number(),
      liveCount: z.number(),
      liveLast: z.number(),
    }),
  ),
});

export type SwarmReport = z.infer<typeof swarmReportSchema>;

export function emptyReport(): SwarmReport {
  return {
    readers: 0,
    open: 0,
    gaveUp: 0,
    windowMs: 0,
    attempts: 0,
    frames: {},
    faults: {},
    examples: [],
    dropped: {},
    refused: {},
    bytes: 0,
    cpuMs: 0,
    processes: 0,
    sightings: [],
  };
}

/** What several processes of readers have seen, as if they were one. */
export function mergeReports(reports: readonly SwarmReport[]): SwarmReport {
  return reports.reduce(mergeTwo, emptyReport());
}

export function count(tally: Record<string, number>, key: string): void {
  tally[key] = times(tally, key) + 1;
}

export function times(tally: Readonly<Record<string, number>>, key: string): number {
  return tally[key] ?? 0;
}

export function total(tally: Readonly<Record<string, number>>): number {
  return Object.values(tally).reduce((sum, value) => sum + value, 0);
}

/** "503 12 times, 4200 once". */
export function words(tally: Readonly<Record<string, number>>): string {
  return Object.entries(tally)
    .map(([reason, times]) => `${reason} ${times} times`)
    .join(', ');
}

function mergeTwo(a: SwarmReport, b: SwarmReport): SwarmReport {
  return {
    readers: a.readers + b.readers,
    open: a.open + b.open,
    gaveUp: a.gaveUp + b.gaveUp,
    windowMs: Math.max(a.windowMs, b.windowMs),
    attempts: a.attempts + b.attempts,
    frames: addTallies(a.frames, b.frames),
    faults: addTallies(a.faults, b.faults),
    examples: [...a.examples, ...b.examples],
    dropped: addTallies(a.dropped, b.dropped),
    refused: addTallies(a.refused, b.refused),
    bytes: a.bytes + b.bytes,
    cpuMs: a.cpuMs + b.cpuMs,
    processes: a.processes + b.processes,
    sightings: mergeSightings([...a.sightings, ...b.sightings]),
  };
}

function addTallies(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum = { ...a };
  for (const [key, value] of Object.entries(b)) sum[key] = times(sum, key) + value;
  return sum;
}

function mergeSightings(sightings: SwarmReport['sightings']): SwarmReport['sightings'] {
  const bySeq = new Map<number, SwarmReport['sightings'][number]>();
  for (const sighting of sightings) {
    const known = bySeq.get(sighting.seq);
    if (known === undefined) bySeq.set(sighting.seq, { ...sighting });
    else {
      known.count += sighting.count;
      known.first = Math.min(known.first, sighting.first);
      known.last = Math.max(known.last, sighting.last);
      known.liveCount += sighting.liveCount;
      known.liveLast = Math.max(known.liveLast, sighting.liveLast);
    }
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}
