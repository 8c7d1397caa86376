import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { WorkerLog } from '../src/log/desk-log.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';
import { backOffMs, publishQueue, queuePrefix, urgentQueue } from '../src/queue/job.ts';
import { appendCommand } from './append-command.ts';
import { Reconciler } from './reconciler.ts';

export interface WorkersOptions {
  readonly log: WorkerLog;
  readonly publisher: BullPublisher;
  /** Opens a connection that waits for Redis for ever; one for each worker. */
  readonly connect: (name: string) => Redis;
  readonly prefix: string;
  readonly editions: readonly string[];
  readonly logger: Logger;
}

export interface Workers {
  isRunning(): boolean;
  /** Takes no further job and waits for those in hand, at most `boundMs`. */
  close(boundMs?: number): Promise<void>;
}

/**
 * A worker for every edition's queue, one for the urgent queue with room for several at once (a job in a dead worker's
 * hands stands in front of nobody there), and the reconciler.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { log, publisher, editions, logger } = options;
  await publisher.keepOrder();
  const connections: Redis[] = [];
  const connect = (name: string) => {
    const connection = options.connect(name);
    connections.push(connection);
    return connection;
  };
  const opened = { ...options, connect };
  const workers = [
    ...editions.map((edition) => openWorker(opened, publishQueue, edition, 1)),
    openWorker(opened, urgentQueue, urgentQueue, 8),
  ];
  const reconciler = new Reconciler({ log, publisher, editions, logger });
  reconciler.start();
  return {
    isRunning: () => workers.every((worker) => worker.isRunning()),
    close: async (boundMs = 10_000) => {
      const closed = Promise.all([reconciler.close(), ...workers.map((worker) => worker.close())]);
      const bound = AbortSignal.timeout(boundMs);
      await Promise.race([closed, new Promise((resolve) => bound.addEventListener('abort', resolve))]);
      // BullMQ closes only what it has opened. A job that is still in hand is taken over once its lock has run out.
      for (const connection of connections) connection.disconnect();
    },
  };
}

function openWorker(options: WorkersOptions, queue: string, tag: string, concurrency: number): Worker {
  const { logger } = options;
  const worker = new Worker(queue, (job, token) => appendCommand(options, job, token), {
    connection: options.connect(`worker-${tag}`),
    prefix: queuePrefix(options.prefix, tag),
    concurrency,
    // A job in a dead worker's hands is out again after 2.0 s (measured; BullMQ's defaults: 59 s).
    lockDuration: 2_000,
    stalledInterval: 1_000,
    maxStalledCount: 10,
    drainDelay: 1,
    settings: { backoffStrategy: (made) => backOffMs(made) },
  });
  worker.on('error', (error) => logger.warn({ queue, tag, reason: error.message }, 'worker error'));
  worker.on('failed', (job, error) =>
    logger.warn({ queue, tag, jobId: job?.id, attemptsMade: job?.attemptsMade, err: error }, 'job failed'),
  );
  worker.on('stalled', (jobId) => logger.warn({ queue, tag, jobId }, 'job taken over'));
  return worker;
}
