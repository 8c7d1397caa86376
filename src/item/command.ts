import type { Facets } from './item.ts';

/** Commands that an editor causes. */
export const deskKinds = ['publish', 'correct', 'withhold', 'release', 'retract'] as const;

/** All commands. Time causes two: `expire` removes an item at its `expiresAt`, `clear` removes the notice of a retraction. */
export const commandKinds = [...deskKinds, 'expire', 'clear'] as const;
export type CommandKind = (typeof commandKinds)[number];

/** Whether no other command may delay it. */
export function isUrgent(kind: CommandKind): boolean {
  return kind === 'withhold' || kind === 'retract';
}

/** `held` and `scheduled` wait for their due time, `draft` for an editor. `published`, `refused` and `cancelled` are final. */
export const commandStates = ['queued', 'draft', 'held', 'scheduled', 'published', 'refused', 'cancelled'] as const;
export type CommandState = (typeof commandStates)[number];

/** A command as the log keeps it. The queue has only its id, so that erased text is erased everywhere. */
export interface Command {
  readonly id: string;
  readonly kind: CommandKind;
  readonly edition: string;
  readonly itemId: string;
  /** The version that this command publishes. */
  readonly version: number;
  readonly state: CommandState;
  /** Redis' clock, ms. It is not appended before this. */
  readonly dueAt: number;
  /** JSON of an `ItemBody` for publish, correct and release; empty for other kinds, and after an erasure. */
  readonly body: string;
  readonly facets: Facets | null;
  /** Public notice of a retraction; empty without one. */
  readonly notice: string;
  /** seq of its entry, once published. */
  readonly seq: number | null;
  /** Problem type of a refusal (`stale-version`, `item-retracted`, ...). */
  readonly problem: string | null;
}
