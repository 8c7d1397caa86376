import { fold } from '../item/fold.ts';
import type { PublicItem } from '../item/item.ts';
import type { SnapshotFrame } from '../protocol/frame.ts';
import type { ReceivedFrame, ReceivedItem, ReceivedRemoval, UnknownFrame } from '../protocol/frame-parse.ts';
import type { Position } from '../protocol/position.ts';
import type { FeedStart } from './feed-options.ts';

/** The position of a client in the log, and the items at that position. Immutable: every step makes a new one. */
export interface Cursor {
  /** Null before the first snapshot. */
  readonly position: Position | null;
  /** Newest place first, complete from the newest down to `floor`. */
  readonly items: readonly PublicItem[];
  /** The list is complete down to this place. Below it may be items that the client has not received. 0: the list is complete. */
  readonly floor: number;
  /** Frames of a resume that are still to come. */
  readonly missing: number;
  readonly stale: boolean;
}

/** The cursor of a client without a position. */
export const emptyCursor: Cursor = { position: null, items: [], floor: 0, missing: 0, stale: false };

/** The cursor of a client without a position, or of one that resumes from a position with the items that it has. */
export function startCursor(since: Position | null, start?: FeedStart): Cursor {
  const items = (since && start?.items) ?? [];
  const floor = since === null ? 0 : start && !start.more ? 0 : lowest(items, since.seq + 1);
  return { position: since, items, floor, missing: 0, stale: false };
}

/**
 * The client's rule (CR-1 to CR-14). At position p: an entry with `seq` <= p changes nothing; `prev` > p is a gap; anything else is
 * applied and p becomes its `seq`. Beats and frames of unknown types advance p too. p never goes back in an epoch; only
 * a snapshot changes the epoch. `keep` is the largest number of items held. A frame that is ignored returns the same cursor. Null is a gap: an
 * entry is missing between the position and this frame, so reconnect with `since`.
 */
export function follow(cursor: Cursor, frame: ReceivedFrame, keep: number): Cursor | null {
  switch (frame.type) {
    case 'snapshot':
      return restart(cursor, frame);
    case 'resumed':
      if (cursor.position?.epoch !== frame.epoch || frame.seq > cursor.position.seq) return null;
      return { ...cursor, missing: frame.missed, stale: frame.stale };
    case 'beat': {
      // A beat is not an entry: one that only carries `stale` may have the seq of the position. It follows every missed frame.
      const moved = advance(cursor, frame.prev, frame.seq, frame.hash);
      return moved && { ...moved, missing: 0, stale: frame.stale };
    }
    case 'item':
    case 'removal':
    case 'unknown':
      return applyEntry(cursor, frame, keep);
    case 'reconnect':
      return cursor;
  }
}

function restart(cursor: Cursor, frame: SnapshotFrame): Cursor {
  const { epoch, seq, hash, stale } = frame;
  if (cursor.position?.epoch === epoch && seq < cursor.position.seq) return cursor;
  const items = [...frame.items].sort((a, b) => b.place - a.place);
  const floor = frame.more ? lowest(items, seq + 1) : 0;
  return { position: { epoch, seq, ...(hash && { hash }) }, items, floor, missing: 0, stale };
}

function applyEntry(cursor: Cursor, frame: ReceivedItem | ReceivedRemoval | UnknownFrame, keep: number): Cursor | null {
  if (frame.seq === null || (cursor.position && frame.seq <= cursor.position.seq)) return cursor;
  const moved = advance(cursor, frame.prev ?? 0, frame.seq, frame.hash);
  if (!moved) return null;
  const counted = { ...moved, missing: Math.max(0, moved.missing - 1) };
  return frame.type === 'unknown' ? counted : trim(counted, fold(counted.items, frame), keep);
}

/** Null is a gap. Never goes back. A position keeps the hash that came with its seq. */
function advance(cursor: Cursor, prev: number, seq: number, hash?: string): Cursor | null {
  const { position } = cursor;
  if (!position || prev > position.seq) return null;
  return seq <= position.seq ? cursor : { ...cursor, position: { epoch: position.epoch, seq, ...(hash && { hash }) } };
}

/** CR-14: an item below the floor (an old one that was released) is not shown, because its neighbours may be missing. */
function trim(cursor: Cursor, items: readonly PublicItem[], keep: number): Cursor {
  const complete = items.some((item) => item.place < cursor.floor)
    ? items.filter((item) => item.place >= cursor.floor)
    : items;
  if (complete.length <= keep) return { ...cursor, items: complete };
  const newest = complete.slice(0, keep);
  return { ...cursor, items: newest, floor: lowest(newest, 0) };
}

/** Not `at(-1)`: Safari has that since 15.4. */
function lowest(items: readonly PublicItem[], ifNone: number): number {
  return items[items.length - 1]?.place ?? ifNone;
}
