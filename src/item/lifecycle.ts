/** What a desk can do with an item, by the state that it is in after all that has been accepted. Pure. */

export const itemStates = [
  'draft',
  'held',
  'scheduled',
  'queued',
  'published',
  'withheld',
  'expired',
  'retracted',
  'cancelled',
] as const;
export type ItemState = (typeof itemStates)[number];

export const itemActions = ['publish-draft', 'edit', 'withhold', 'release', 'retract', 'cancel'] as const;
export type ItemAction = (typeof itemActions)[number];

export interface Standing {
  readonly state: ItemState;
  /** Whether readers have ever been shown a version of it. */
  readonly isOut: boolean;
  /** Whether the newest correction still waits for the end of its hold. */
  readonly hasHeldCorrection: boolean;
}

/**
 * The actions that are possible now. accept.lua decides the same, at the moment of the acceptance; this table is for
 * what people are told, and a test holds both together.
 */
export function possibleActions({ state, isOut, hasHeldCorrection }: Standing): readonly ItemAction[] {
  const actions = byState[state];
  // Hidden before it was ever shown: there is still something to call off.
  if (state === 'withheld' && !isOut) return [...actions, 'cancel'];
  // Calls off the correction alone; what is out stays as it is.
  if (state === 'published' && hasHeldCorrection) return [...actions, 'cancel'];
  return actions;
}

/** `retract` of what is not yet out cancels it: no entry, no frame. */
const byState: Readonly<Record<ItemState, readonly ItemAction[]>> = {
  draft: ['publish-draft', 'edit', 'retract', 'cancel'],
  held: ['edit', 'withhold', 'retract', 'cancel'],
  scheduled: ['edit', 'withhold', 'retract', 'cancel'],
  queued: ['edit', 'withhold', 'retract', 'cancel'],
  published: ['edit', 'withhold', 'retract'],
  withheld: ['edit', 'release', 'retract'],
  expired: ['retract'],
  retracted: [],
  cancelled: [],
};
