import type { Change, UsableItem } from '../../item/item.ts';
import type { Entry } from '../../log/entries/entry.ts';
import type { Removal } from '../../protocol/encode.ts';
import { type Filter, matches } from '../../protocol/filter.ts';
import type { Slot } from '../edition/ring.ts';

/** The frame that an entry becomes in a feed. */
export type FeedEffect =
  | { readonly type: 'item'; readonly change: Change; readonly item: UsableItem }
  | ({ readonly type: 'removal' } & Removal);

/** Whether an entry is in a feed: the version that it shows, or the version that it removes, matches. Never changes for an entry. */
export function touches(filter: Filter, entry: Entry): boolean {
  return matches(filter, entry.now) || matches(filter, entry.was);
}

/** The effect of an entry that touches the filter. The text of an item that was hidden later is left out. */
export function effectOf(filter: Filter, slot: Slot): FeedEffect {
  const { entry, hidden } = slot;
  const { itemId: id, version } = entry;
  if (!matches(filter, entry.now)) {
    const reason = entry.now === null ? (entry.reason ?? 'withheld') : 'moved';
    return { type: 'removal', id, version, reason, ...noticeOf(slot.tombstone) };
  }
  if (hidden) {
    // A feed that the item left before its retraction never shows the notice.
    const notice = matches(filter, hidden.was) ? noticeOf(hidden.tombstone) : {};
    return { type: 'removal', id, version, reason: hidden.reason, ...notice };
  }
  if (entry.item === null) return { type: 'removal', id, version, reason: 'retracted' };
  return { type: 'item', change: entry.change ?? 'new', item: entry.item };
}

function noticeOf(tombstone: Slot['tombstone']): Pick<Removal, 'notice' | 'tombstone'> {
  return tombstone?.notice === undefined ? {} : { notice: tombstone.notice, tombstone };
}
