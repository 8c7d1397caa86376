import { type Reading, reading } from './metrics.ts';

/** The metrics of an edge of `flashwire all`: what became of the requests that it relayed. */
export function relayReadings(counts: Readonly<Record<string, number>>): readonly Reading[] {
  const help = 'Desk requests that an edge relayed to the api of its machine, by outcome';
  return [reading('relayed_total', help, () => counts, { label: 'outcome' })];
}

/** The metrics of the supervisor of `flashwire all`; `restarts` is by child. */
export function supervisorReadings(restarts: Readonly<Record<string, number>>): readonly Reading[] {
  return [reading('restarts_total', 'Children that exited and were started again', () => restarts, { label: 'child' })];
}
