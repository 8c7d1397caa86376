import { type Command, isUrgent } from '../src/item/command.ts';
import type { AppendOutcome, Due, WorkerLog } from '../src/log/commands/worker-log.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';

export interface OlderDeps {
  readonly log: WorkerLog;
  readonly publisher: Pick<BullPublisher, 'allowsAhead'>;
  /** Called for every append of an older command. */
  onAppended(outcome: Extract<AppendOutcome, { type: 'appended' }>): Promise<void>;
  /** Whether this command may go before an older one whose append failed with this error. */
  mayPass(error: unknown): boolean;
}

/** This many appends take a fraction of a second. Then the job goes back to the queue, so that STOP can hold it. */
const mostAtOnce = 100;

/**
 * Appends the open commands of the edition that were due before this one, so that entries are in the order of acknowledgement. The
 * jobs of these commands may be lost, failed, between two attempts or behind this one; a job that still runs finds its command done.
 * Commands that only a newer worker can read are left. Rejects with the error of an append that this command may not pass. Resolves
 * with false if more are left than one call appends.
 */
export async function appendOlder(deps: OlderDeps, command: Command): Promise<boolean> {
  const tried = new Set<string>();
  for (let appended = 0; appended < mostAtOnce; ) {
    const page = await deps.log.dueBefore(command, tried.size - appended + mostAtOnce);
    const older = page.filter(({ commandId }) => !tried.has(commandId));
    if (older.length === 0) return true;
    for (const due of older) {
      tried.add(due.commandId);
      if (await appendOne(deps, command.edition, due)) appended++;
    }
  }
  return false;
}

async function appendOne(
  { log, publisher, onAppended, mayPass }: OlderDeps,
  edition: string,
  due: Due,
): Promise<boolean> {
  // Withholdings and retractions have a queue of their own, which never waits for this one.
  if (isUrgent(due.kind)) return false;
  try {
    if (!(await publisher.allowsAhead(edition, due))) return false;
    const command = await log.command(edition, due.commandId);
    const outcome = command && (await log.append(command));
    if (outcome?.type !== 'appended') return false;
    await onAppended(outcome);
    return true;
  } catch (error) {
    if (!mayPass(error)) throw error;
    return false;
  }
}
