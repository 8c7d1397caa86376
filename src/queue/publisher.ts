import type { Due } from '../log/commands/worker-log.ts';

/** Gives accepted commands to workers. A lost call costs a second and no item, because the reconciler adds missing jobs. */
export interface Publisher {
  enqueue(edition: string, due: Due): Promise<void>;
  /** Pauses or resumes the queues of publications and corrections. Withholdings and retractions are never held. */
  hold(isHeld: boolean): Promise<void>;
  close(): Promise<void>;
}
