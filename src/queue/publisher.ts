import type { Due } from '../log/commands/worker-log.ts';

/** Puts an accepted command before a worker. Losing a call costs a second, never an item: the reconciler adds what is missing. */
export interface Publisher {
  enqueue(edition: string, due: Due): Promise<void>;
  /** Holds what the ordinary queues have, or lets it go on; what takes back (hide, retract) is never held. */
  hold(isHeld: boolean): Promise<void>;
  close(): Promise<void>;
}
