import type { Logger } from 'pino';
import { isUrgent } from '../src/item/command.ts';
import type { AppendOutcome, Due, WorkerLog } from '../src/log/desk-log.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';

export interface OlderDeps {
  readonly log: WorkerLog;
  readonly publisher: Pick<BullPublisher, 'has'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** What an append of an older command has brought. */
  onAppended(outcome: Extract<AppendOutcome, { type: 'appended' }>): Promise<void>;
}

/** More of them than a queue can have lost in the half second until the reconciler looks. */
const mostOlder = 100;
/** What this process takes for Redis' time may be so far behind it; what is not due yet is not appended. */
const clockMs = 100;

/** The command that has been due longest in the edition. */
export async function oldestDue(log: WorkerLog, edition: string): Promise<string | undefined> {
  const [oldest] = await log.overdue(edition, -clockMs, 1);
  return oldest?.commandId;
}

/**
 * Appends what was accepted in the edition before this command, is still due, and has no job: the queue could not be reached
 * when the desk was told yes. So entries stand in the order acknowledged. The job that it is given later finds it done; one
 * that has a job waits for that.
 */
export async function appendOlder(
  { log, publisher, logger, onAppended }: OlderDeps,
  edition: string,
  commandId: string,
): Promise<void> {
  for (const due of olderThan(await log.overdue(edition, -clockMs, mostOlder), commandId)) {
    try {
      if (await publisher.has(edition, due)) continue;
      const command = await log.command(edition, due.commandId);
      const outcome = command && (await log.append(command));
      if (outcome?.type === 'appended') await onAppended(outcome);
    } catch (error) {
      logger.warn({ edition, commandId: due.commandId, err: error }, 'older command not appended yet');
    }
  }
}

/** Hides and retractions have a queue of their own, which never waits for this one. */
function olderThan(all: readonly Due[], commandId: string): readonly Due[] {
  const own = all.findIndex((due) => due.commandId === commandId);
  return own < 0 ? [] : all.slice(0, own).filter(({ kind }) => !isUrgent(kind));
}
