import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import type { Logger } from 'pino';
import type { Command } from '../src/item/command.ts';
import type { AppendOutcome, Due, WorkerLog } from '../src/log/commands/worker-log.ts';
import { ParseError } from '../src/log/entries/reply.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';
import { poisonAttempts, readJob } from '../src/queue/job.ts';
import type { Publisher } from '../src/queue/publisher.ts';
import { appendOlder, type OlderDeps } from './append-older.ts';
import { kindOfRefusal, type WorkerCounters } from './counters.ts';
import { isOwnFault } from './own-fault.ts';

export interface AppendDeps {
  readonly log: WorkerLog;
  readonly publisher: Publisher & Pick<BullPublisher, 'allowsAhead'>;
  readonly logger: Logger;
  readonly counters: WorkerCounters;
}

type Appended = Extract<AppendOutcome, { type: 'appended' }>;

/**
 * What a worker does with a job: parse it again, read its command, append. Ends with the seq, or with why there is none.
 * Safe to run twice and at the same time: the append decides.
 */
export async function appendCommand(
  deps: AppendDeps,
  job: Job,
  token: string | undefined,
): Promise<{ readonly seq: number } | { readonly refused: string }> {
  const reading = readJob(job.data);
  if (reading.type === 'unreadable') throw new UnrecoverableError(`not a job of this queue: ${reading.why}`);
  if (reading.type === 'newer') return leaveForNewer(deps, job, token, reading.version);
  const { edition, commandId } = reading.data;
  const command = await readCommand(deps, edition, commandId);
  if (!command) {
    deps.logger.error({ edition, commandId }, 'command unknown');
    await deps.log.refuse(edition, commandId, 'unknown-command');
    deps.counters.refused.broken++;
    return { refused: 'unknown-command' };
  }
  const outcome = await append(deps, job, command);
  if (outcome.type === 'early' || outcome.type === 'behind') {
    await job.moveToDelayed(outcome.type === 'early' ? Date.now() + outcome.waitMs : Date.now(), token);
    throw new DelayedError();
  }
  if (outcome.type === 'refused') {
    deps.logger.info({ edition, commandId, itemId: command.itemId, problem: outcome.problem }, 'command refused');
    const kind = kindOfRefusal(outcome.problem);
    deps.counters.refused[kind]++;
    if (kind === 'broken') await deps.log.refuse(edition, commandId, outcome.problem);
    return { refused: outcome.problem };
  }
  await appended(deps, edition, outcome);
  return { seq: outcome.seq };
}

async function appended(deps: AppendDeps, edition: string, { seen, followUps }: Appended): Promise<void> {
  if (!seen) deps.counters.appended++;
  await enqueueAll(deps, edition, followUps);
}

/**
 * Appends in turn; what fails is tried again. A command that fails by what it carries, not by a Redis that is away or full, is refused
 * after a few attempts: its job is a dead letter, and the desk is told.
 */
async function append(deps: AppendDeps, job: Job, command: Command): Promise<AppendOutcome> {
  const { log, logger, counters } = deps;
  const made = job.attemptsMade + 1;
  const isPatient = made < Math.min(poisonAttempts, job.opts.attempts ?? 1);
  try {
    const outcome = await log.append(command, { inTurn: true });
    if (outcome.type !== 'behind') return outcome;
    const older: OlderDeps = {
      ...deps,
      onAppended: (brought) => appended(deps, command.edition, brought),
      // Redis in trouble hinders this command as well; what hinders an older one alone delays it for seconds and not longer.
      mayPass: (error) => isOwnFault(error) || !isPatient,
    };
    return (await appendOlder(older, command)) ? await log.append(command) : outcome;
  } catch (error) {
    if (!isOwnFault(error) || isPatient) throw error;
    const { edition, id: commandId, itemId } = command;
    logger.error({ edition, commandId, itemId, attempts: made, err: error }, 'command refused: it cannot be appended');
    await log.refuse(edition, commandId, 'append-failed');
    counters.refused.broken++;
    throw new UnrecoverableError(`cannot be appended: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** How soon a worker looks at it again: in the middle of an upgrade the next one may be new enough. */
const newerAgainMs = 1_000;

/** Puts back what only a newer worker can read; it costs the job no attempt, and nobody behind it waits. */
async function leaveForNewer(
  { logger }: AppendDeps,
  job: Job,
  token: string | undefined,
  version: number,
): Promise<never> {
  if (job.attemptsStarted === 1) logger.warn({ jobId: job.id, version }, 'job left for a newer worker');
  await job.moveToDelayed(Date.now() + newerAgainMs, token);
  throw new DelayedError();
}

async function readCommand({ log, logger, counters }: AppendDeps, edition: string, commandId: string) {
  try {
    return await log.command(edition, commandId);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error; // Redis is away: try again
    logger.error({ edition, commandId, err: error }, 'command unreadable');
    await log.refuse(edition, commandId, 'unreadable-command');
    counters.refused.broken++;
    throw new UnrecoverableError('unreadable command');
  }
}

/** The reconciler adds what could not be added here. */
async function enqueueAll(
  { publisher, logger }: AppendDeps,
  edition: string,
  followUps: readonly Due[],
): Promise<void> {
  for (const due of followUps) {
    await publisher
      .enqueue(edition, due)
      .catch((error: unknown) =>
        logger.warn({ edition, commandId: due.commandId, err: error }, 'follow-up not queued yet'),
      );
  }
}
