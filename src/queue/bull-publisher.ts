import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { canaryEdition } from '../item/canary.ts';
import { isUrgent } from '../item/command.ts';
import type { Due } from '../log/commands/worker-log.ts';
import { editionKeys, queuePrefix } from '../log/redis/redis-keys.ts';
import { type JobData, jobIdOf, jobOptions, maxBackOffMs, maxGenerations, queueOf, readJob, tagOf } from './job.ts';
import type { Publisher } from './publisher.ts';
import { createQueueWatch, type QueueWatch } from './queue-watch.ts';

export interface PublisherOptions {
  /** Fails fast while Redis is away, and sends nothing later that it has failed. */
  readonly connection: Redis;
  readonly prefix: string;
  readonly editions: readonly string[];
  /** Redis' clock, ms. */
  readonly now: () => number;
  readonly onError: (error: Error) => void;
}

/** Every queue of a site, as BullMQ sees them. */
export class BullPublisher implements Publisher {
  readonly watch: QueueWatch;
  readonly #options: PublisherOptions;
  /** By tag. Opened at the first use, since BullMQ asks a connection without an offline queue for its version at once. */
  readonly #queues = new Map<string, Queue<JobData>>();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.watch = createQueueWatch(options.connection, options.prefix, options.editions);
  }

  /** Adding under an id that is known does nothing; a job that was missed is added by `again`. */
  async enqueue(edition: string, due: Due): Promise<void> {
    const queue = this.#queueOf(edition, due);
    // Over the same connection, so before the job: after a loss of data no two jobs meet without it. What fails here is put back by `keepOrder`.
    if (!isUrgent(due.kind))
      this.#options.connection.hset(queue.toKey('meta'), 'concurrency', 1).catch(() => undefined);
    await this.#add(queue, edition, due, jobIdOf(due.commandId, 0));
  }

  /**
   * For a command that is past its due time: retries its failed job, or adds one under a new id where it has none or
   * only completed ones, unless it has ended meanwhile. A job that waits, backs off or is in a worker's hands is left
   * alone, so a command has one such job at most however often this is called. A job that still waits for its time is put
   * first: BullMQ delays by a host's clock, which may be behind Redis'. Doubles are harmless: the append sees them. A job of
   * a newer version is left to those who can read it, failed or not.
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
      if (state === 'delayed' && (job.attemptsMade === 0 || (await this.#isMistimed(queue, jobId)))) {
        await job.promote();
        return 'promoted';
      }
      if (!isOver) return 'left';
      // Completed, or a job that no attempt can read: the next id.
    }
    throw new Error(`command ${due.commandId} has had ${maxGenerations} jobs and is still due`);
  }

  /**
   * One job of an edition at a time, in the whole system: entries stand in the order acknowledged. BullMQ notes that in Redis,
   * where it is lost with the data, so it is looked at again and again.
   */
  async keepOrder(editions: readonly string[] = this.#options.editions): Promise<void> {
    await Promise.all(
      editions.map(async (edition) => {
        const queue = this.#open(edition);
        if ((await queue.getGlobalConcurrency()) !== 1) await queue.setGlobalConcurrency(1);
      }),
    );
  }

  async hold(isHeld: boolean): Promise<void> {
    // The canary goes on: that nothing goes out is no reason not to know whether it could.
    const editions = this.#options.editions.filter((edition) => edition !== canaryEdition.id);
    const queues = editions.map((edition) => this.#open(edition));
    await Promise.all(queues.map((queue) => (isHeld ? queue.pause() : queue.resume())));
  }

  /**
   * Whether a worker may append this command ahead of its job; not where only newer workers can read that. A job that has failed
   * is tried again: it finds its command done, and is no dead letter any more.
   */
  async allowsAhead(edition: string, due: Due): Promise<boolean> {
    const job = await this.#queueOf(edition, due).getJob(jobIdOf(due.commandId, 0));
    const { type } = job ? readJob(job.data) : { type: 'none' };
    if (type === 'newer') return false;
    if (type === 'job' && (await job?.isFailed())) await job?.retry('failed', { resetAttemptsMade: true });
    return true;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  async #add(queue: Queue<JobData>, edition: string, due: Due, jobId: string): Promise<void> {
    await queue.add(due.kind, { v: 1, edition, commandId: due.commandId }, jobOptions(due, this.#options.now(), jobId));
  }

  /** A command is over before its job is: who saw it due in the moment before adds nothing, and undoes no dead letter. */
  async #isDue(edition: string, { commandId }: Due): Promise<boolean> {
    const { connection, prefix } = this.#options;
    return (await connection.zscore(editionKeys(prefix, edition).due, commandId)) !== null;
  }

  /** Whether a job that backs off was put back by a host whose clock is wrong: it should have had its turn, or would have it too late. */
  async #isMistimed(queue: Queue<JobData>, jobId: string): Promise<boolean> {
    const score = await this.#options.connection.zscore(queue.toKey('delayed'), jobId);
    if (score === null) return false;
    const waitMs = Number(score) / 0x1000 - this.#options.now();
    return waitMs < -1_000 || waitMs > 2 * maxBackOffMs;
  }

  #queueOf(edition: string, due: Due): Queue<JobData> {
    if (!this.#options.editions.includes(edition))
      throw new Error(`No queue for edition ${edition}: it is not in the configuration`);
    return this.#open(tagOf(edition, due.kind));
  }

  #open(tag: string): Queue<JobData> {
    const { connection, prefix, onError } = this.#options;
    const known = this.#queues.get(tag);
    if (known) return known;
    if (connection.status !== 'ready') throw new Error('Redis is away: the queue cannot be opened');
    const { edition, name } = queueOf(tag);
    const queue = new Queue<JobData>(name, { connection, prefix: queuePrefix(prefix, edition) });
    queue.on('error', onError);
    this.#queues.set(tag, queue);
    // A queue whose first question was lost stays broken in BullMQ: the next use opens it again.
    queue.waitUntilReady().catch(() => this.#queues.delete(tag));
    return queue;
  }
}
