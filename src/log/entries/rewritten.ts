import type { Head } from './entry.ts';

/**
 * Whether a log of the same epoch is not the one that was read up to `known`: it ends before, or another entry stands there.
 * `again` is the link of the entry at `known.seq` as it stands now: null where the log has nothing there nor after it, undefined
 * where that entry was trimmed or not read, which proves nothing.
 */
export function isRewritten(known: Head, now: Head, again: string | null | undefined): boolean {
  if (known.epoch !== now.epoch || known.seq === 0) return false;
  if (now.seq < known.seq || again === null) return true;
  return again !== undefined && known.hash !== '' && again !== known.hash;
}
