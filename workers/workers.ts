import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { WorkerLog } from '../src/log/commands/worker-log.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';
import { queueOf, urgentQueue } from '../src/queue/job.ts';
import type { QueueSight } from '../src/queue/queue-watch.ts';
import { appendCommand } from './append-command.ts';
import { WorkerCounters } from './counters.ts';
import { QueueWorker } from './queue-worker.ts';
import { Reconciler } from './reconciler.ts';
import { Watchdog } from './watchdog.ts';

export interface WorkersOptions {
  readonly log: WorkerLog;
  readonly publisher: BullPublisher;
  /** Opens a connection that waits for Redis for ever; one for each worker. */
  readonly connect: (name: string) => Redis;
  readonly prefix: string;
  readonly editions: readonly string[];
  readonly logger: Logger;
  /** A worker stays deaf after it has been opened again: this process is to end. */
  readonly onStuck?: (tag: string) => void;
  /** Hears of every look at the queues, one a second. */
  readonly onLook?: (sights: readonly QueueSight[]) => Promise<void>;
}

export interface Workers {
  readonly counters: WorkerCounters;
  /** Every queue as it was last seen, and for how long its first job has waited in silence. */
  queues(): readonly (QueueSight & { readonly stillForMs: number })[];
  isRunning(): boolean;
  /** Null: everything that waits is taken. Otherwise why not, as one line. */
  whyNot(): string | null;
  /** Takes no further job and waits for those in hand, at most `boundMs`. */
  close(boundMs?: number): Promise<void>;
}

const lookMs = 1_000;
/** So long may a job be first in line before this process says that it is not ready. */
const readyWithinMs = 5_000;
const now = () => performance.now();

/**
 * A worker for what each edition publishes, one for what it takes back with room for several at once (a job in a dead worker's
 * hands stands in front of nobody there), the reconciler, and a watchdog for each worker.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { log, publisher, editions, logger } = options;
  await publisher.keepOrder();
  const counters = new WorkerCounters(editions);
  const { watch } = publisher;
  const workers = watch.tags.map(
    (tag) =>
      new QueueWorker({
        tag,
        prefix: options.prefix,
        concurrency: queueOf(tag).name === urgentQueue ? 8 : 1,
        connect: options.connect,
        process: (job, token) => appendCommand({ log, publisher, logger, counters }, job, token),
        watch,
        counters,
        logger,
        now,
      }),
  );
  const reconciler = new Reconciler({ log, publisher, editions, logger, counters });
  reconciler.start();
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
        ? `nobody takes the first job of queue ${still.tag}, for ${Math.round(still.stillForMs / 1_000)} s`
        : null;
    },
    close: async (boundMs = 10_000) => {
      guard.stop();
      const closed = Promise.all([reconciler.close(), ...workers.map((worker) => worker.close())]);
      const bound = AbortSignal.timeout(boundMs);
      await Promise.race([closed, new Promise((resolve) => bound.addEventListener('abort', resolve))]);
      // A job that is still in hand is taken over once its lock has run out.
      for (const worker of workers) worker.disconnect();
    },
  };
}

/** Looks at every queue once a second. */
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
      logger.error({ tag: sight.tag, jobId: sight.first, waiting: sight.waiting, verdict }, 'worker is deaf');
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
