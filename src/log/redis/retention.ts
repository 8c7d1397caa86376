import { itemDaysOf } from '../../item/canary.ts';

const daySeconds = 86_400;

/** How long a refused or cancelled command can still be read, seconds. */
export const overTtlSeconds = 7 * daySeconds;

/** How long an Idempotency-Key is remembered, seconds; shorter than its command. */
export const idempotencySeconds = daySeconds;

/** How long an item is kept after its last entry, seconds. `itemDays` is FLASHWIRE_ITEM_DAYS. */
export function itemSeconds(edition: string, itemDays: number): number {
  return itemDaysOf(edition, itemDays) * daySeconds;
}

/** How long feeds list a withdrawn item, and how many of them at most. */
export const withdrawnSeconds = 2 * daySeconds;
export const withdrawnKept = 500;

/** How long the notice of a retraction stays in the item's place, ms. */
export const noticeMs = 600_000;

/** How old an item may be for its retraction to leave a notice in its place, ms. */
export const noticeWithinMs = 6 * 3_600_000;
