import { type Reading, reading } from './metrics.ts';

/** The metrics of the supervisor of `flashwire all`; `restarts` is by child. */
export function supervisorReadings(restarts: Readonly<Record<string, number>>): readonly Reading[] {
  return [reading('restarts_total', 'Children that exited and were started again', () => restarts, { label: 'child' })];
}
