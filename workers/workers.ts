import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { WorkerLog } from '../src/log/commands/worker-log.ts';
import type { RedisConnection } from '../src/log/redis/shards.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';
import { queueOf, urgentQueue } from '../src/queue/job.ts';
import type { QueueSight } from '../src/queue/queue-watch.ts';
import { appendCommand } from './append-command.ts';
import { Appender } from './appender.ts';
import { WorkerCounters } from './counters.ts';
import { QueueWorker } from './queue-worker.ts';
import { Reconciler } from './reconciler.ts';
import { listenForAccepted } from './wake-ups.ts';
import { Watchdog } from './watchdog.ts';

export interface WorkersOptions {
  readonly log: WorkerLog;
  readonly publisher: BullPublisher;
  /** A connection of its own, for wake-ups. It is closed with the workers. */
  readonly subscriber: Redis;
  /** Opens a connection that waits for Redis without a limit; one for each worker. */
  readonly connect: (name: string) => RedisConnection;
  readonly prefix: string;
  readonly editions: readonly string[];
  readonly logger: Logger;
  /** A worker receives no jobs even after it was reopened: this process has to end. */
  readonly onStuck?: (tag: string) => void;
  /** Called once a second with the state of the queues. */
  readonly onLook?: (sights: readonly QueueSight[]) => Promise<void>;
}

export interface Workers {
  readonly counters: WorkerCounters;
  /** The last state of every queue, and how long its next job has waited while the worker was silent. */
  queues(): readonly (QueueSight & { readonly stillForMs: number })[];
  isRunning(): boolean;
  /** Null if every waiting job is taken; otherwise the reason, as one line. */
  whyNot(): string | null;
  /** Takes no further job and waits for the running ones, at most `boundMs`. */
  close(boundMs?: number): Promise<void>;
}

const lookMs = 1_000;
/** How long a job may be next before this process is not ready, ms. */
const readyWithinMs = 5_000;
const now = () => performance.now();

/**
 * Starts a worker for each queue, the reconciler, and a watchdog for each worker. A worker of withholdings and retractions runs
 * several jobs at once, so that the job of a dead worker delays no other.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { log, publisher, editions, logger } = options;
  const counters = new WorkerCounters(editions);
  const { watch } = publisher;
  const appenders = new Map(
    editions.map((edition) => [edition, new Appender({ edition, log, publisher, logger, counters })]),
  );
  const appenderOf = (edition: string) => appenders.get(edition);
  const workers = watch.tags.map(
    (tag) =>
      new QueueWorker({
        tag,
        prefix: options.prefix,
        concurrency: queueOf(tag).name === urgentQueue ? 8 : 1,
        connect: options.connect,
        process: (job, token) => appendCommand({ log, appenderOf, logger, counters }, job, token),
        watch,
        counters,
        logger,
        now,
      }),
  );
  const reconciler = new Reconciler({ log, publisher, editions, logger, counters });
  reconciler.start();
  const stopListening = listenForAccepted({
    subscriber: options.subscriber,
    prefix: options.prefix,
    appenders,
    logger,
  });
  const guard = guardOf(options, workers);
  return {
    counters,
    queues: guard.queues,
    isRunning: () => workers.every((worker) => worker.isRunning()),
    whyNot: () => {
      const stopped = workers.find((worker) => !worker.isRunning());
      if (stopped) return `the worker of queue ${stopped.tag} has stopped`;
      const still = guard.queues().find(({ stillForMs }) => stillForMs > readyWithinMs);
      return still
        ? `no worker has taken the next job of queue ${still.tag} for ${Math.round(still.stillForMs / 1_000)} s`
        : null;
    },
    close: async (boundMs = 10_000) => {
      guard.stop();
      stopListening();
      const appended = [...appenders.values()].map((appender) => appender.close());
      const closed = Promise.all([reconciler.close(), ...appended, ...workers.map((worker) => worker.close())]);
      const bound = AbortSignal.timeout(boundMs);
      await Promise.race([closed, new Promise((resolve) => bound.addEventListener('abort', resolve))]);
      // A job that still runs is taken over when its lock expires.
      for (const worker of workers) worker.disconnect();
    },
  };
}

/** Checks every queue once a second. */
function guardOf({ publisher, logger, onStuck, onLook }: WorkersOptions, workers: readonly QueueWorker[]) {
  const watched = workers.map((worker) => ({ worker, watchdog: new Watchdog(now()) }));
  let sights: readonly QueueSight[] = [];
  let isLooking = false;
  const look = async () => {
    sights = await publisher.watch.look();
    for (const { worker, watchdog } of watched) {
      const sight = sights.find(({ tag }) => tag === worker.tag);
      if (!sight) continue;
      const verdict = watchdog.look(now(), { ...sight, heardAt: worker.heardAt });
      if (verdict === 'well') continue;
      logger.error({ tag: sight.tag, jobId: sight.first, waiting: sight.waiting, verdict }, 'worker receives no jobs');
      if (verdict === 'open-again') worker.openAgain();
      else onStuck?.(sight.tag);
    }
    await onLook?.(sights).catch((error: unknown) => logger.warn({ err: error }, 'look not answered'));
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch(() => {
        for (const { watchdog } of watched) watchdog.blind(now());
      })
      .finally(() => {
        isLooking = false;
      });
  }, lookMs);
  return {
    stop: () => clearInterval(timer),
    queues: () =>
      sights.map((sight) => ({
        ...sight,
        stillForMs: watched.find(({ worker }) => worker.tag === sight.tag)?.watchdog.stillForMs(now()) ?? 0,
      })),
  };
}
