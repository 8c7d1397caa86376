/** What an editor can do with an item, by its state after everything that was accepted. Pure. */

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

/** Actions on an item that exists. `edit` is a PUT, `publish-draft` publishes a draft, `cancel` ends what is not yet out. */
export const itemActions = ['publish-draft', 'edit', 'withhold', 'release', 'retract', 'cancel'] as const;
export type ItemAction = (typeof itemActions)[number];

/** Everything that accept.lua accepts. */
export const deskActions = ['publish', ...itemActions] as const;
export type DeskAction = (typeof deskActions)[number];

/** What decides which actions are possible. */
export interface Standing {
  readonly state: ItemState;
  /** Whether readers have ever been shown a version of it. */
  readonly isOut: boolean;
  /** Whether its newest correction still waits for the end of its hold. */
  readonly hasHeldCorrection: boolean;
}

/**
 * The actions that are possible now. accept.lua decides at the moment of the acceptance; test/log/commands/actions.test.ts
 * runs every standing and action through it and compares. The desk page offers no other (src/ui/desk/list/item-actions.ts).
 */
export function possibleActions({ state, isOut, hasHeldCorrection }: Standing): readonly ItemAction[] {
  const actions = byState[state];
  // Withheld before readers were shown it: its publication can still be cancelled.
  if (state === 'withheld' && !isOut) return [...actions, 'cancel'];
  // Cancels the correction only; readers keep the version that is out.
  if (state === 'published' && hasHeldCorrection) return [...actions, 'cancel'];
  return actions;
}

/** `retract` of an item that is not out cancels it: no entry, no frame. */
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
