import type { Audience } from '../deliveries.ts';
import type { ListedItem } from '../item-view.ts';
import type { StopState } from '../stop-switch.ts';

/** What accepted commands rest on (docs/deploy.md); null: not known yet. */
export type DurabilityState = 'replicated' | 'single' | 'weak' | 'stated' | null;

/** The answer of `GET /v1/status`. */
export type DeskStatus = Audience & { readonly stop: StopState; readonly durability: DurabilityState };

/** The status without the readers of editions that do not exist for a key. */
export function statusSeenBy<Status extends Audience>(known: readonly string[], status: Status): Status {
  const readers = Object.fromEntries(Object.entries(status.readers).filter(([edition]) => known.includes(edition)));
  return { ...status, readers };
}

/** The age of the newest proof rises all the time, which is no change; a new proof makes it fall. */
export function hasChanged(before: DeskStatus, after: DeskStatus): boolean {
  const steady = ({ readers, processes, stop, durability }: DeskStatus) =>
    JSON.stringify([readers, processes.map(({ process, isReady }) => [process, isReady]), stop, durability]);
  const age = ({ provenAgoMs }: DeskStatus) => provenAgoMs ?? Number.POSITIVE_INFINITY;
  const isProvenAnew = age(after) < age(before) || (after.provenAgoMs === null) !== (before.provenAgoMs === null);
  return isProvenAnew || steady(before) !== steady(after);
}

/** An item without its relatives in editions that the key may not see. */
export function seenBy(editions: readonly string[] | null, item: ListedItem): ListedItem {
  if (!editions) return item;
  const { original, translations } = item;
  return {
    ...item,
    original: original && editions.includes(original.edition) ? original : null,
    translations: translations.filter(({ edition }) => editions.includes(edition)),
  };
}
