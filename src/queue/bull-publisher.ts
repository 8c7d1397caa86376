import { Queue } from 'bullmq';
import { canaryEdition } from '../item/canary.ts';
import type { Due } from '../log/commands/worker-log.ts';
import { editionKeys, queuePrefix } from '../log/redis/redis-keys.ts';
import type { RedisConnection } from '../log/redis/shards.ts';
import { type JobData, jobIdOf, jobOptions, maxBackOffMs, maxGenerations, queueOf, readJob, tagOf } from './job.ts';
import type { Publisher } from './publisher.ts';
import { createQueueWatch, type QueueWatch } from './queue-watch.ts';

export interface PublisherOptions {
  /** Rejects at once while Redis is unreachable, and never sends a rejected command later. */
  readonly connection: RedisConnection;
  readonly prefix: string;
  readonly editions: readonly string[];
  /** The clock of the Redis that has this edition, ms. */
  readonly now: (edition: string) => number;
  readonly onError: (error: Error) => void;
}

/** Every queue of a site, through BullMQ. */
export class BullPublisher implements Publisher {
  readonly watch: QueueWatch;
  readonly #options: PublisherOptions;
  /** By tag. Opened at the first use, because BullMQ asks Redis for its version at once, and the connection has no offline queue. */
  readonly #queues = new Map<string, Queue<JobData>>();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.watch = createQueueWatch(options.connection, options.prefix, options.editions);
  }

  /** Does nothing if the queue has a job of this id. `again` adds a job that was lost. */
  async enqueue(edition: string, due: Due): Promise<void> {
    await this.#add(this.#queueOf(edition, due), edition, due, jobIdOf(due.commandId, 0));
  }

  /**
   * For a command that is past its due time: retries its failed job, or adds a job under a new id if it has none or only completed
   * ones, unless the command has ended. A job that waits, backs off or is with a worker stays, so a command has at most one such
   * job. A job that still waits for its due time is moved to the front, because BullMQ delays by a host's clock, which may be behind
   * Redis' clock. Duplicates are harmless, because an append is idempotent. A job of a newer version is left to newer workers.
   */
  async again(edition: string, due: Due): Promise<'left' | 'retried' | 'promoted' | 'added'> {
    const queue = this.#queueOf(edition, due);
    for (let generation = 0; generation < maxGenerations; generation += 1) {
      const jobId = jobIdOf(due.commandId, generation);
      const job = await queue.getJob(jobId);
      if (!job) {
        if (!(await this.#isDue(edition, due))) return 'left';
        await this.#add(queue, edition, due, jobId);
        return 'added';
      }
      const state = await job.getState();
      const { type } = readJob(job.data);
      if (type === 'newer' && state !== 'completed' && state !== 'unknown') return 'left';
      const isOver = state === 'completed' || state === 'failed' || state === 'unknown';
      if (isOver && !(await this.#isDue(edition, due))) return 'left';
      if (state === 'failed' && type === 'job') {
        await job.retry('failed', { resetAttemptsMade: true });
        return 'retried';
      }
      if (state === 'delayed' && (job.attemptsMade === 0 || (await this.#isMistimed(edition, queue, jobId)))) {
        await job.promote();
        return 'promoted';
      }
      if (!isOver) return 'left';
      // Completed, or unreadable: try the next id.
    }
    throw new Error(`command ${due.commandId} has had ${maxGenerations} jobs and is still due`);
  }

  /** Lets several jobs of an edition run at once, as the script decides about order. A queue of 0.2 has a limit of one. */
  async liftLimit(edition: string): Promise<void> {
    await this.#open(edition).removeGlobalConcurrency();
  }

  async hold(isHeld: boolean): Promise<void> {
    // Not the canary's: it measures delivery during a STOP too.
    const editions = this.#options.editions.filter((edition) => edition !== canaryEdition.id);
    const queues = editions.map((edition) => this.#open(edition));
    await Promise.all(queues.map((queue) => (isHeld ? queue.pause() : queue.resume())));
  }

  /** Retries a failed job whose command was appended without it: it finds its command done, and is no dead letter any more. */
  async revive(edition: string, due: Due): Promise<void> {
    const queue = this.#queueOf(edition, due);
    const jobId = jobIdOf(due.commandId, 0);
    if ((await this.#options.connection.zscore(queue.toKey('failed'), jobId)) === null) return;
    const job = await queue.getJob(jobId);
    if (job && readJob(job.data).type === 'job') await job.retry('failed', { resetAttemptsMade: true });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  async #add(queue: Queue<JobData>, edition: string, due: Due, jobId: string): Promise<void> {
    await queue.add(
      due.kind,
      { v: 1, edition, commandId: due.commandId },
      jobOptions(due, this.#options.now(edition), jobId),
    );
  }

  /** A command ends before its job, so it is checked again before a job is added or a dead letter retried. */
  async #isDue(edition: string, { commandId }: Due): Promise<boolean> {
    const { connection, prefix } = this.#options;
    return (await connection.zscore(editionKeys(prefix, edition).due, commandId)) !== null;
  }

  /** Whether a host with a wrong clock delayed a job that backs off: its time is over, or too far in the future. */
  async #isMistimed(edition: string, queue: Queue<JobData>, jobId: string): Promise<boolean> {
    const score = await this.#options.connection.zscore(queue.toKey('delayed'), jobId);
    if (score === null) return false;
    const waitMs = Number(score) / 0x1000 - this.#options.now(edition);
    return waitMs < -1_000 || waitMs > 2 * maxBackOffMs;
  }

  #queueOf(edition: string, due: Due): Queue<JobData> {
    if (!this.#options.editions.includes(edition))
      throw new Error(`No queue for edition ${edition}: it is not in the configuration`);
    return this.#open(tagOf(edition, due.kind));
  }

  #open(tag: string): Queue<JobData> {
    const { connection, prefix, onError } = this.#options;
    const open = this.#queues.get(tag);
    if (open) return open;
    if (connection.status !== 'ready') throw new Error('Redis is unreachable: the queue cannot be opened');
    const { edition, name } = queueOf(tag);
    const queue = new Queue<JobData>(name, { connection, prefix: queuePrefix(prefix, edition) });
    queue.on('error', onError);
    this.#queues.set(tag, queue);
    // BullMQ never repairs a queue whose first command was lost, so the next use opens a new one.
    queue.waitUntilReady().catch(() => this.#queues.delete(tag));
    return queue;
  }
}
