/** What a worker process has done since it started. All names are closed sets. */
export class WorkerCounters {
  appended = 0;
  /** `overtaken`: another command of the item came first, as it may. `broken`: what was accepted could not be appended. */
  readonly refused = { overtaken: 0, broken: 0 };
  /** Attempts of jobs that failed; most are tried again. */
  failedAttempts = 0;
  /** Overdue commands that the reconciler gave a job. */
  readded = 0;
  /** Jobs of workers that died or stood still. */
  takenOver = 0;
  /** Jobs whose fields were not JSON. */
  unreadable = 0;
  /** Workers that had gone deaf and were opened again. */
  reopened = 0;
  /** By edition, seconds that its oldest overdue command has been past its time; 0: none is. */
  readonly overdueSeconds: Record<string, number> = {};

  constructor(editions: readonly string[]) {
    for (const edition of editions) this.overdueSeconds[edition] = 0;
  }
}

const broken = new Set(['unknown-command', 'unreadable-command', 'damaged-record', 'append-failed']);

export function kindOfRefusal(problem: string): keyof WorkerCounters['refused'] {
  return broken.has(problem) ? 'broken' : 'overtaken';
}
