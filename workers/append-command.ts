import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import type { Logger } from 'pino';
import type { WorkerLog } from '../src/log/commands/worker-log.ts';
import { poisonAttempts, readJob } from '../src/queue/job.ts';
import type { Appender, Fate } from './appender.ts';
import type { WorkerCounters } from './counters.ts';
import { isOwnFault } from './own-fault.ts';

export interface AppendDeps {
  readonly log: Pick<WorkerLog, 'refuse'>;
  /** Of an edition; undefined: the site does not have it. */
  readonly appenderOf: (edition: string) => Appender | undefined;
  readonly logger: Logger;
  readonly counters: WorkerCounters;
}

/**
 * Runs a job: has everything appended that is due in its edition. Resolves with the seq of its own command, or with the reason why
 * there is none. A job whose command could not be appended yet goes back to the queue.
 */
export async function appendCommand(
  deps: AppendDeps,
  job: Job,
  token: string | undefined,
): Promise<{ readonly seq: number } | { readonly refused: string }> {
  const reading = readJob(job.data);
  if (reading.type === 'unreadable') throw new UnrecoverableError(`not a job of this queue: ${reading.why}`);
  if (reading.type === 'newer') {
    if (job.attemptsStarted === 1)
      deps.logger.warn({ jobId: job.id, version: reading.version }, 'job left for a newer worker');
    return putBack(job, token, newerAgainMs);
  }
  const { edition, commandId } = reading.data;
  const appender = deps.appenderOf(edition);
  if (!appender) throw new UnrecoverableError(`no such edition: ${edition}`);
  const fate = await appender.append(commandId);
  switch (fate.type) {
    case 'appended':
      return { seq: fate.seq };
    case 'refused':
      return { refused: fate.problem };
    case 'failed':
      return fail(deps, job, edition, commandId, fate);
    case 'early':
      return putBack(job, token, fate.waitMs);
    case 'newer':
      return putBack(job, token, newerAgainMs);
    case 'behind':
    case 'held':
      return putBack(job, token, 0);
  }
}

/** When a worker takes again what only a newer one can read. During an upgrade that worker may be new enough. */
const newerAgainMs = 1_000;

/** Costs the job no attempt, and later jobs do not wait. */
async function putBack(job: Job, token: string | undefined, waitMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + waitMs, token);
  throw new DelayedError();
}

/**
 * A failed job is retried. A command that fails by its own fault, not because Redis is unreachable or full, is refused after a few
 * attempts. Its job is a dead letter, and the desk shows the refusal.
 */
async function fail(
  { log, logger, counters }: AppendDeps,
  job: Job,
  edition: string,
  commandId: string,
  { error }: Extract<Fate, { readonly type: 'failed' }>,
): Promise<never> {
  const attempt = job.attemptsMade + 1;
  if (!isOwnFault(error) || attempt < Math.min(poisonAttempts, job.opts.attempts ?? 1)) throw error;
  logger.error({ edition, commandId, attempts: attempt, err: error }, 'command refused: it cannot be appended');
  await log.refuse(edition, commandId, 'append-failed');
  counters.refused.broken++;
  throw new UnrecoverableError(`cannot be appended: ${error.message}`);
}
