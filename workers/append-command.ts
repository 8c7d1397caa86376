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
 * Runs a job: parses it, reads its command and appends it. Resolves with the seq, or with the reason why there is none. Safe to run
 * twice and at the same time, because an append is idempotent.
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
 * Appends in turn; a failed job is retried. A command that fails by its own fault, not because Redis is unreachable or full, is
 * refused after a few attempts. Its job is a dead letter, and the desk shows the refusal.
 */
async function append(deps: AppendDeps, job: Job, command: Command): Promise<AppendOutcome> {
  const { log, logger, counters } = deps;
  const attempt = job.attemptsMade + 1;
  const isPatient = attempt < Math.min(poisonAttempts, job.opts.attempts ?? 1);
  try {
    const outcome = await log.append(command, { inTurn: true });
    if (outcome.type !== 'behind') return outcome;
    const older: OlderDeps = {
      ...deps,
      onAppended: (outcome) => appended(deps, command.edition, outcome),
      // A fault of Redis hits this command too. A fault of an older command delays it for only a few attempts.
      mayPass: (error) => isOwnFault(error) || !isPatient,
    };
    return (await appendOlder(older, command)) ? await log.append(command) : outcome;
  } catch (error) {
    if (!isOwnFault(error) || isPatient) throw error;
    const { edition, id: commandId, itemId } = command;
    logger.error(
      { edition, commandId, itemId, attempts: attempt, err: error },
      'command refused: it cannot be appended',
    );
    await log.refuse(edition, commandId, 'append-failed');
    counters.refused.broken++;
    throw new UnrecoverableError(`cannot be appended: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** When a worker takes it again. During an upgrade that worker may be new enough. */
const newerAgainMs = 1_000;

/** Puts back a job that only a newer worker can read. It costs no attempt, and later jobs do not wait. */
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
    if (!(error instanceof ParseError)) throw error; // Redis is unreachable: retry
    logger.error({ edition, commandId, err: error }, 'command unreadable');
    await log.refuse(edition, commandId, 'unreadable-command');
    counters.refused.broken++;
    throw new UnrecoverableError('unreadable command');
  }
}

/** The reconciler adds jobs that could not be added here. */
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
