import { type Processor, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { queuePrefix } from '../src/log/redis/redis-keys.ts';
import type { RedisConnection } from '../src/log/redis/shards.ts';
import { backOffMs, queueOf } from '../src/queue/job.ts';
import type { QueueWatch } from '../src/queue/queue-watch.ts';
import type { WorkerCounters } from './counters.ts';

export interface QueueWorkerOptions {
  readonly tag: string;
  readonly prefix: string;
  readonly concurrency: number;
  readonly connect: (name: string) => RedisConnection;
  readonly process: Processor;
  readonly watch: QueueWatch;
  readonly counters: WorkerCounters;
  readonly logger: Logger;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/** BullMQ's worker of one queue, which can be reopened. */
export class QueueWorker {
  readonly tag: string;
  readonly #options: QueueWorkerOptions;
  #worker: Worker;
  #connection: RedisConnection;
  /** When the worker last had a job or an error, on `now`; 0 if never. */
  heardAt = 0;

  constructor(options: QueueWorkerOptions) {
    this.tag = options.tag;
    this.#options = options;
    [this.#worker, this.#connection] = this.#open();
  }

  isRunning(): boolean {
    return this.#worker.isRunning();
  }

  /** Abandons the worker and opens a new one on a new connection. Its jobs are taken over when their locks expire. */
  openAgain(): void {
    const [worker, connection] = [this.#worker, this.#connection];
    worker.removeAllListeners();
    worker.on('error', () => undefined); // abandoned
    void worker.close(true).catch(() => undefined);
    connection.disconnect();
    [this.#worker, this.#connection] = this.#open();
    this.#options.counters.reopened++;
  }

  close(): Promise<void> {
    return this.#worker.close();
  }

  /** BullMQ does not close a connection that it was given. */
  disconnect(): void {
    this.#connection.disconnect();
  }

  #open(): [Worker, RedisConnection] {
    const { tag, prefix, concurrency, connect, process } = this.#options;
    const connection = connect(`worker-${tag}`);
    const { edition, name } = queueOf(tag);
    const worker = new Worker(name, process, {
      connection,
      prefix: queuePrefix(prefix, edition),
      concurrency,
      // A job of a dead worker goes to another one within 3.4 s (BullMQ's defaults: 90 s): the lock, and two checks, because a check
      // at the very moment at which the lock ends does not count.
      lockDuration: 2_000,
      stalledInterval: 700,
      maxStalledCount: 10,
      drainDelay: 1,
      settings: { backoffStrategy: (attempt) => backOffMs(attempt) },
    });
    this.#listen(worker);
    return [worker, connection];
  }

  #listen(worker: Worker): void {
    const { tag, counters, logger, now } = this.#options;
    const hear = () => {
      this.heardAt = now();
    };
    worker.on('active', hear);
    worker.on('completed', hear);
    worker.on('error', (error) => {
      hear();
      logger.warn({ tag, reason: error.message }, 'worker error');
      if (error instanceof SyntaxError || error instanceof TypeError) void this.#repair();
    });
    worker.on('failed', (job, error) => {
      hear();
      counters.failedAttempts++;
      const isDead = job?.finishedOn !== undefined;
      const line = { tag, jobId: job?.id, attemptsMade: job?.attemptsMade, err: error };
      if (isDead) logger.error(line, 'dead letter: this job is not retried');
      else logger.warn(line, 'job failed');
    });
    worker.on('stalled', (jobId) => {
      counters.takenOver++;
      logger.warn({ tag, jobId }, 'job taken over');
    });
  }

  async #repair(): Promise<void> {
    const { tag, counters, logger, watch } = this.#options;
    try {
      const jobIds = await watch.repair(tag);
      counters.unreadable += jobIds.length;
      if (jobIds.length > 0) logger.error({ tag, jobIds }, 'job unreadable');
    } catch (error) {
      logger.warn({ tag, reason: error instanceof Error ? error.message : String(error) }, 'queue not repaired');
    }
  }
}
