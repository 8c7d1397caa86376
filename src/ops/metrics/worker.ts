import type { RedisHealth } from '../redis/redis-health.ts';
import { type Reading, reading } from './metrics.ts';

/** The figures of a worker process. */
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

/** The metrics of a worker process. All workers see the same queues and Redis, so the supervisor takes the maximum of these. */
export function workerReadings(
  { counters, queues }: WorkerFigures,
  redisHealth: () => RedisHealth,
): readonly Reading[] {
  type Queue = ReturnType<WorkerFigures['queues']>[number];
  const ofQueues = (name: string, help: string, pick: (queue: Queue) => number) =>
    reading(name, help, () => Object.fromEntries(queues().map((queue) => [queue.tag, pick(queue)])), {
      label: 'queue',
      aggregate: 'max',
    });
  return [
    reading('appended_total', 'Entries appended', () => counters.appended),
    reading('append_refused_total', 'Accepted commands refused at the append, by reason', () => counters.refused, {
      label: 'reason',
    }),
    reading('attempts_failed_total', 'Failed attempts of jobs', () => counters.failedAttempts),
    reading('readded_total', 'Overdue commands that got a new job from the reconciler', () => counters.readded),
    reading('taken_over_total', 'Jobs taken over from a worker that died or stalled', () => counters.takenOver),
    reading('unreadable_jobs_total', 'Jobs whose fields were not JSON', () => counters.unreadable),
    reading('workers_reopened_total', 'Workers reopened because they received no jobs', () => counters.reopened),
    reading(
      'overdue_seconds',
      'Time by which the oldest overdue command of an edition is late',
      () => counters.overdueSeconds,
      { label: 'edition', aggregate: 'max' },
    ),
    ofQueues('jobs_waiting', 'Jobs that wait for a worker', ({ waiting }) => waiting),
    ofQueues('dead_letters', 'Jobs that are not retried any more', ({ deadLetters }) => deadLetters),
    ofQueues(
      'queue_still_seconds',
      'Time that the first job of the queue has waited without any activity',
      ({ stillForMs }) => stillForMs / 1_000,
    ),
    ofQueues('stop_held', '1 while STOP holds the queue', ({ isHeld }) => Number(isHeld)),
    reading(
      'redis_memory_used_ratio',
      'Used part of the maxmemory of Redis; 0 without a limit',
      () => redisHealth().memoryRatio,
      { aggregate: 'max' },
    ),
    reading('redis_disk_ok', '0 once Redis could not write its files', () => Number(redisHealth().isDiskWell), {
      aggregate: 'min',
    }),
  ];
}
