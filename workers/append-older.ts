import { type Command, isUrgent } from '../src/item/command.ts';
import type { AppendOutcome, Due, WorkerLog } from '../src/log/commands/worker-log.ts';
import type { BullPublisher } from '../src/queue/bull-publisher.ts';

export interface OlderDeps {
  readonly log: WorkerLog;
  readonly publisher: Pick<BullPublisher, 'allowsAhead'>;
  /** What an append of an older command has brought. */
  onAppended(outcome: Extract<AppendOutcome, { type: 'appended' }>): Promise<void>;
  /** Whether this command may stand before one whose append has failed so. */
  mayPass(error: unknown): boolean;
}

/** So many appends are a fraction of a second, after which STOP has its say: the job goes back to the queue. */
const mostAtOnce = 100;

/**
 * Appends what was due in the edition before this command and still is, whatever has become of its job: it may be lost, failed, between
 * two attempts or behind this one. So entries stand in the order acknowledged. The job, if there is one, finds its command done. What only
 * a newer worker can read is left to it. Rejects with the error of an append that this command may not pass; resolves with false
 * where more is left than can be appended at once.
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
  // Hides and retractions have a queue of their own, which never waits for this one.
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
