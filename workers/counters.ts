/** Counts of a worker process since its start. All names are closed sets. */
export class WorkerCounters {
  appended = 0;
  /** `overtaken`: another command of the item came first, as it may. `broken`: an accepted command could not be appended. */
  readonly refused = { overtaken: 0, broken: 0 };
  /** Failed attempts of jobs; most are retried. */
  failedAttempts = 0;
  /** Overdue commands that got a job from the reconciler. */
  readded = 0;
  /** Jobs of workers that died or stalled. */
  takenOver = 0;
  /** Jobs whose fields were not JSON. */
  unreadable = 0;
  /** Workers that received no jobs and were reopened. */
  reopened = 0;
  /** By edition, how many seconds its oldest overdue command is past its due time; 0 if none is. */
  readonly overdueSeconds: Record<string, number> = {};

  constructor(editions: readonly string[]) {
    for (const edition of editions) this.overdueSeconds[edition] = 0;
  }
}

const broken = new Set(['unknown-command', 'unreadable-command', 'damaged-record', 'append-failed']);

export function kindOfRefusal(problem: string): keyof WorkerCounters['refused'] {
  return broken.has(problem) ? 'broken' : 'overtaken';
}
