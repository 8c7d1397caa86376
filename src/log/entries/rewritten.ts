import type { Head } from './entry.ts';

/**
 * Whether the log of the same epoch is not the log that was read up to `known`: it ends before that entry, or has another entry
 * at that seq. `again` is the link of the entry that is at `known.seq` now. It is null if the log has no entry there or after, and
 * undefined if that entry was trimmed or not read, which proves nothing.
 */
export function isRewritten(known: Head, now: Head, again: string | null | undefined): boolean {
  if (known.epoch !== now.epoch || known.seq === 0) return false;
  if (now.seq < known.seq || again === null) return true;
  return again !== undefined && known.hash !== '' && again !== known.hash;
}
