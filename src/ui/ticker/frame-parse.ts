import type { PublicItem } from '../../item/item.ts';
import { defaultBeatMs, defaultRetry, longestDelayMs, type RetryWindow } from '../../protocol/frame.ts';
import type { ReceivedFrame } from '../../protocol/frame-parse.ts';

/** A frame, or a part of one, as its JSON may be. */
type Raw = Readonly<Record<string, unknown>>;

/**
 * Stands in for protocol/frame-parse.ts in the ticker's script, which has no byte to spare (scripts/build-browser.mjs). It checks
 * what the position, the list and the timers depend on, and takes all else from its server as it comes: a line that cannot be
 * drawn is that line's fault alone, and text is never markup. Null for a text that is not a frame.
 */
export function parseFrame(text: string): ReceivedFrame | null {
  try {
    return frameOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function frameOf(raw: Raw): ReceivedFrame | null {
  const { type, epoch, seq, prev, items, id, version, item, tombstone, beatMs, retry } = raw;
  const checked = {
    ...raw,
    ...(retry ? { retry: windowOf(retry as Raw) } : {}),
    seq: isCount(seq) ? seq : null,
    prev: isCount(prev) ? prev : null,
  };
  const isEntry = isCount(seq) && isCount(prev);
  switch (type) {
    case 'snapshot':
    case 'resumed': {
      if (!epoch || !isCount(seq) || (type === 'snapshot' && !Array.isArray(items))) return null;
      const known = Array.isArray(items) ? items.filter(isItem) : [];
      const beat = delayOf(beatMs) || defaultBeatMs;
      return { retry: defaultRetry, missed: 0, ...checked, items: known, beatMs: beat } as unknown as ReceivedFrame;
    }
    case 'reconnect':
      return { type, ...windowOf(raw) };
    case 'removal':
      if (!isEntry || !id || !isCount(version)) return null;
      return { ...checked, tombstone: isItem(tombstone) ? tombstone : undefined } as unknown as ReceivedFrame;
    case 'item':
    case 'beat':
      if (!isEntry) return null;
      if (type === 'beat' || isItem(item)) return checked as unknown as ReceivedFrame;
  }
  return typeof type === 'string' ? { ...checked, type: 'unknown' } : null;
}

function windowOf({ afterMs, withinMs }: Raw): RetryWindow {
  return { afterMs: delayOf(afterMs), withinMs: delayOf(withinMs, defaultRetry.withinMs) };
}

function delayOf(value: unknown, otherwise = 0): number {
  return isCount(value) ? Math.min(value, longestDelayMs) : otherwise;
}

/** An item that has a place in the list. */
function isItem(value: unknown): value is PublicItem {
  const { id, version, place, status, headline } = (value ?? {}) as Raw;
  return Boolean(id && isCount(version) && isCount(place) && (status !== 'usable' || headline));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
