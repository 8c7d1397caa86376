import type { Strain } from '../strain.ts';
import type { Reading } from './metrics.ts';

export interface ProcessFigures {
  readonly version: string;
  readonly strain: Strain;
  /** By name; its status as ioredis has it. */
  readonly connections: ReadonlyMap<string, { readonly status: string }>;
  /** This host's clock less Redis', ms. */
  readonly skewMs: () => number;
}

/** The metrics that every role has. */
export function processReadings({ version, strain, connections, skewMs }: ProcessFigures): readonly Reading[] {
  return [
    {
      name: 'flashwire_build_info',
      help: '1; the version of this program',
      label: 'version',
      aggregate: 'max',
      read: () => ({ [version]: 1 }),
    },
    {
      name: 'flashwire_redis_connected',
      help: '1 while a connection to Redis is ready',
      label: 'connection',
      aggregate: 'min',
      read: () => Object.fromEntries([...connections].map(([name, { status }]) => [name, Number(status === 'ready')])),
    },
    {
      name: 'flashwire_clock_skew_seconds',
      help: "This host's clock less that of Redis",
      aggregate: 'max',
      read: () => skewMs() / 1_000,
    },
    {
      name: 'flashwire_event_loop_p99_seconds',
      help: 'Delay of the event loop, p99 of the last five seconds',
      aggregate: 'max',
      read: () => strain.loopP99Ms / 1_000,
    },
    {
      name: 'flashwire_heap_used_ratio',
      help: 'Part of the limit of the heap that is in use',
      aggregate: 'max',
      read: () => strain.heapRatio,
    },
    {
      name: 'flashwire_memory_used_ratio',
      help: 'Part of the memory that this process may use which it does use',
      aggregate: 'max',
      read: () => strain.memoryRatio,
    },
  ];
}
