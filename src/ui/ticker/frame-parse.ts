import { defaultBeatMs, defaultRetry, longestDelayMs } from '../../protocol/frame.ts';
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
    return frameOf(JSON.parse(text, checked)) as unknown as ReceivedFrame;
  } catch {
    return null;
  }
}

/** Leaves out what should be the number of a position, a place or a delay and is none. */
function checked(name: string, value: unknown): unknown {
  const isDelay = name.endsWith('Ms');
  if (!isDelay && !/^(seq|prev|place|version)$/.test(name)) return value;
  const isCount = Number.isSafeInteger(value) && Number(value) >= 0;
  return isCount ? (isDelay ? Math.min(value as number, longestDelayMs) : value) : undefined;
}

function frameOf(raw: Raw): Raw | null {
  const { type, epoch, seq, prev, items, id, item, retry } = raw;
  if (type === 'reconnect') return { ...defaultRetry, ...raw };
  if (type === 'snapshot' || type === 'resumed') {
    const list = { items: Array.isArray(items) ? items.filter(isItem) : [] };
    const welcome = {
      missed: 0,
      beatMs: defaultBeatMs,
      ...raw,
      ...list,
      retry: { ...defaultRetry, ...(retry as Raw) },
    };
    return epoch && isCount(seq) ? welcome : null;
  }
  const isKnown = type === 'beat' || (type === 'removal' && id) || (type === 'item' && isItem(item));
  if (isKnown && isCount(seq) && isCount(prev)) return raw;
  return type ? { seq: null, prev: null, ...raw, type: 'unknown' } : null;
}

/** An item that has a place in the list. */
function isItem(value: unknown): boolean {
  const { id, version, place, status, headline } = (value ?? {}) as Raw;
  return Boolean(id && isCount(version) && isCount(place) && (status !== 'usable' || headline));
}

/** What is left of these numbers is a count. */
function isCount(value: unknown): boolean {
  return (value as number) >= 0;
}
