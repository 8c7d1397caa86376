import type { Facets } from './item.ts';

/** What the desk asks for, and what time asks for (`expire` takes a line away at `expiresAt`, `clear` takes a notice away). */
export type CommandKind = 'publish' | 'correct' | 'withhold' | 'release' | 'retract' | 'expire' | 'clear';

/** Commands that nothing may stand in front of. */
export function isUrgent(kind: CommandKind): boolean {
  return kind === 'withhold' || kind === 'retract';
}

/** Where a command stands. `held` and `scheduled` wait for their due time; `draft` for a person. */
export type CommandState = 'queued' | 'draft' | 'held' | 'scheduled' | 'published' | 'refused' | 'cancelled';

/** A command as the log keeps it; the queue carries only its id, so that erased text is erased everywhere. */
export interface Command {
  readonly id: string;
  readonly kind: CommandKind;
  readonly edition: string;
  readonly itemId: string;
  /** The version that this command publishes. */
  readonly version: number;
  readonly state: CommandState;
  /** Redis' clock, ms: not before this. */
  readonly dueAt: number;
  /** JSON of an `ItemBody` for publish, correct and release; empty for the others and once erased. */
  readonly body: string;
  readonly facets: Facets | null;
  /** Public notice of a retraction. */
  readonly notice: string;
  /** seq of its entry, once published. */
  readonly seq: number | null;
  /** Problem type of a refusal (`stale-version`, `item-retracted`, ...). */
  readonly problem: string | null;
}
