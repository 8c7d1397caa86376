import type { RedisHealth } from '../redis/redis-health.ts';
import type { Reading } from './metrics.ts';

/** What a worker process tells of itself. */
export interface WorkerFigures {
  readonly counters: {
    readonly appended: number;
    readonly refused: Readonly<Record<string, number>>;
    readonly failedAttempts: number;
    readonly readded: number;
    readonly takenOver: number;
    readonly unreadable: number;
    readonly reopened: number;
    readonly overdueSeconds: Readonly<Record<string, number>>;
  };
  queues(): readonly {
    readonly tag: string;
    readonly waiting: number;
    readonly deadLetters: number;
    readonly isHeld: boolean;
    readonly stillForMs: number;
  }[];
}

/** The metrics of a worker process. What all workers see alike (queues, Redis) is not to be added up. */
export function workerReadings(
  { counters, queues }: WorkerFigures,
  redisHealth: () => RedisHealth,
): readonly Reading[] {
  type Queue = ReturnType<WorkerFigures['queues']>[number];
  const byQueue = (pick: (queue: Queue) => number) => () =>
    Object.fromEntries(queues().map((queue) => [queue.tag, pick(queue)]));
  const seen = { label: 'queue', aggregate: 'max' } as const;
  const one = (name: string, help: string, rest: Omit<Reading, 'name' | 'help'>): Reading => ({
    name: `flashwire_${name}`,
    help,
    ...rest,
  });
  return [
    one('appended_total', 'Entries appended', { read: () => counters.appended }),
    one('append_refused_total', 'Accepted commands that were refused at the append, by reason', {
      label: 'reason',
      read: () => counters.refused,
    }),
    one('attempts_failed_total', 'Attempts of jobs that failed', { read: () => counters.failedAttempts }),
    one('readded_total', 'Overdue commands that the reconciler gave a job', { read: () => counters.readded }),
    one('taken_over_total', 'Jobs taken over from a worker that died or stood still', {
      read: () => counters.takenOver,
    }),
    one('unreadable_jobs_total', 'Jobs whose fields were not JSON', { read: () => counters.unreadable }),
    one('workers_reopened_total', 'Workers that had gone deaf and were opened again', {
      read: () => counters.reopened,
    }),
    one('overdue_seconds', 'How long the oldest overdue command of an edition has been past its time', {
      label: 'edition',
      aggregate: 'max',
      read: () => counters.overdueSeconds,
    }),
    one('jobs_waiting', 'Jobs that wait for a worker', { ...seen, read: byQueue(({ waiting }) => waiting) }),
    one('dead_letters', 'Jobs that nobody tries again', { ...seen, read: byQueue(({ deadLetters }) => deadLetters) }),
    one('queue_still_seconds', 'How long the first job in line has waited in silence', {
      ...seen,
      read: byQueue(({ stillForMs }) => stillForMs / 1_000),
    }),
    one('stop_held', '1 while STOP holds a queue', { ...seen, read: byQueue(({ isHeld }) => Number(isHeld)) }),
    one('redis_memory_used_ratio', 'Part of the maxmemory of Redis that is in use; 0 without a limit', {
      aggregate: 'max',
      read: () => redisHealth().memoryRatio,
    }),
    one('redis_disk_ok', '0 once Redis could not write its files', {
      aggregate: 'min',
      read: () => Number(redisHealth().isDiskWell),
    }),
  ];
}
