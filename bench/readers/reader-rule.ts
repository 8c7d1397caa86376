import type { DecodedFrame } from './frame-cache.ts';

/** Where a reader stands. `answered` is false from connecting until the one `snapshot` or `resumed` that answers it. */
export interface ReaderCursor {
  epoch: string;
  seq: number;
  answered: boolean;
}

export type RuleFault = 'gap' | 'duplicate' | 'backwards' | 'wrong-resume' | 'not-answered' | 'no-epoch';
export type Verdict = 'ok' | RuleFault;

/**
 * The reader's rule, checked on its own account rather than with the product's code: moves the cursor and says what
 * was wrong with the frame. An entry that a reader already has is a fault here, though a browser would ignore it.
 */
export function follow(cursor: ReaderCursor, frame: DecodedFrame): Verdict {
  switch (frame.type) {
    case 'snapshot':
      return startFrom(cursor, frame);
    case 'resumed':
      return goOn(cursor, frame);
    case 'item':
    case 'removal':
      return takeEntry(cursor, frame);
    case 'beat':
      return takeBeat(cursor, frame);
    default:
      return 'ok';
  }
}

function startFrom(cursor: ReaderCursor, frame: DecodedFrame): Verdict {
  const isBack = frame.epoch === cursor.epoch && frame.seq < cursor.seq;
  cursor.epoch = frame.epoch;
  cursor.seq = frame.seq;
  cursor.answered = true;
  // Nobody can come back to a position without an epoch.
  if (frame.epoch === '') return 'no-epoch';
  return isBack ? 'backwards' : 'ok';
}

function goOn(cursor: ReaderCursor, frame: DecodedFrame): Verdict {
  const isOwn = !cursor.answered && frame.epoch === cursor.epoch && frame.seq === cursor.seq;
  cursor.answered = true;
  return isOwn ? 'ok' : 'wrong-resume';
}

function takeEntry(cursor: ReaderCursor, frame: DecodedFrame): Verdict {
  if (!cursor.answered) return 'not-answered';
  if (frame.seq <= cursor.seq) return 'duplicate';
  const isGap = frame.prev > cursor.seq;
  cursor.seq = frame.seq;
  return isGap ? 'gap' : 'ok';
}

function takeBeat(cursor: ReaderCursor, frame: DecodedFrame): Verdict {
  if (!cursor.answered) return 'not-answered';
  const isGap = frame.prev > cursor.seq;
  cursor.seq = Math.max(cursor.seq, frame.seq);
  return isGap ? 'gap' : 'ok';
}
