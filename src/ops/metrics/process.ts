import type { Strain } from '../strain.ts';
import { type Reading, reading } from './metrics.ts';

export interface ProcessFigures {
  readonly version: string;
  readonly strain: Strain;
  /** By name; its status as ioredis has it. A connection to a cluster also says whether it reaches every part of it. */
  readonly connections: ReadonlyMap<string, { readonly status: string; readonly isWhole?: boolean }>;
  /** This host's clock minus Redis' clock, ms. */
  readonly skewMs: () => number;
}

/** The metrics of every role. */
export function processReadings({ version, strain, connections, skewMs }: ProcessFigures): readonly Reading[] {
  const max = { aggregate: 'max' } as const;
  return [
    reading('build_info', '1; the label is the running version', () => ({ [version]: 1 }), {
      label: 'version',
      ...max,
    }),
    reading(
      'redis_connected',
      '1 while the connection to Redis is ready',
      () =>
        Object.fromEntries(
          [...connections].map(([name, { status, isWhole = true }]) => [name, Number(status === 'ready' && isWhole)]),
        ),
      { label: 'connection', aggregate: 'min' },
    ),
    reading('clock_skew_seconds', 'Clock of this host minus the clock of Redis', () => skewMs() / 1_000, max),
    reading(
      'event_loop_p99_seconds',
      'Delay of the event loop, p99 of the last 5 s',
      () => strain.loopP99Ms / 1_000,
      max,
    ),
    reading('heap_used_ratio', 'Used part of the limit of the heap', () => strain.heapRatio, max),
    reading('memory_used_ratio', 'Used part of the memory that this process may use', () => strain.memoryRatio, max),
  ];
}

/** Of a process that clients connect to: connections that were dropped on arrival, by reason. */
export function droppedReading(dropped: Readonly<Record<string, number>>): Reading {
  return reading('dropped_total', 'Connections dropped on arrival, by reason', () => dropped, { label: 'reason' });
}
