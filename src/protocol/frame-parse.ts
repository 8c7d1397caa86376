import type { PublicItem } from '../item/item.ts';
import {
  type BeatFrame,
  defaultBeatMs,
  defaultRetry,
  type ItemFrame,
  longestDelayMs,
  type ReconnectFrame,
  type RemovalFrame,
  type ResumedFrame,
  type RetryWindow,
  type SnapshotFrame,
} from './frame.ts';
import { isCount, isRecord, parseChange, parseItem } from './item-parse.ts';
import { isHash } from './position.ts';

/** A removal as a client accepts it: an unknown reason removes the item too. */
export type ReceivedRemoval = Omit<RemovalFrame, 'reason'> & { readonly reason: string };

/** An item frame as a client accepts it: a tombstone in it is folded like any other version. */
export type ReceivedItem = Omit<ItemFrame, 'item'> & { readonly item: PublicItem };

/** A frame of an unknown type, or with an item that cannot be parsed. It shows nothing, but its `seq` counts. */
export interface UnknownFrame {
  readonly type: 'unknown';
  /** Null when the frame has none. */
  readonly seq: number | null;
  /** Null when the frame has none; such a frame cannot reveal a gap. */
  readonly prev: number | null;
  readonly hash?: string;
}

export type ReceivedFrame =
  | SnapshotFrame
  | ResumedFrame
  | ReceivedItem
  | ReceivedRemoval
  | BeatFrame
  | ReconnectFrame
  | UnknownFrame;

/**
 * Parses one text frame by its type, by hand, because the browser loads no schema library. Unknown fields are ignored. Null
 * for a text that is not a frame (not JSON, no type, or a known type without the fields of its position).
 */
export function parseFrame(text: string): ReceivedFrame | null {
  const value = parseJson(text);
  if (!isRecord(value) || typeof value['type'] !== 'string') return null;
  switch (value['type']) {
    case 'snapshot':
      return parseSnapshot(value);
    case 'resumed':
      return parseResumed(value);
    case 'item':
      return parseItemFrame(value);
    case 'removal':
      return parseRemoval(value);
    case 'beat':
      return parseBeat(value);
    case 'reconnect':
      return { type: 'reconnect', ...parseWindow(value) };
    default:
      return parseUnknown(value);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parseSnapshot(value: Fields): SnapshotFrame | null {
  const welcome = parseWelcome(value);
  if (!welcome || !Array.isArray(value['items'])) return null;
  const reason = value['reason'] === 'gap' || value['reason'] === 'epoch' ? value['reason'] : 'start';
  const items = value['items'].flatMap((item) => parseItem(item) ?? []);
  return { type: 'snapshot', ...welcome, items, more: value['more'] === true, reason };
}

function parseResumed(value: Fields): ResumedFrame | null {
  const welcome = parseWelcome(value);
  return welcome && { type: 'resumed', ...welcome, missed: isCount(value['missed']) ? value['missed'] : 0 };
}

function parseWelcome(value: Fields): Omit<ResumedFrame, 'type' | 'missed'> | null {
  const { epoch, seq, beatMs } = value;
  if (typeof epoch !== 'string' || epoch === '' || !isCount(seq)) return null;
  const beat = isCount(beatMs) && beatMs > 0 ? Math.min(beatMs, longestDelayMs) : defaultBeatMs;
  const retry = isRecord(value['retry']) ? parseWindow(value['retry']) : defaultRetry;
  return { epoch, seq, ...hashOf(value), beatMs: beat, stale: value['stale'] === true, retry };
}

function parseItemFrame(value: Fields): ReceivedItem | UnknownFrame | null {
  const place = parseStep(value);
  const item = parseItem(value['item']);
  if (!place || !item) return place && { type: 'unknown', ...place };
  return { type: 'item', ...place, change: parseChange(value['change']), item };
}

function parseRemoval(value: Fields): ReceivedRemoval | null {
  const place = parseStep(value);
  const { id, version, reason, notice } = value;
  if (!place || typeof id !== 'string' || !isCount(version)) return null;
  const tombstone = parseItem(value['tombstone']);
  return {
    type: 'removal',
    ...place,
    id,
    version,
    reason: typeof reason === 'string' ? reason : 'unknown',
    ...(typeof notice === 'string' && notice !== '' && { notice }),
    ...(tombstone && tombstone.status !== 'usable' && { tombstone }),
  };
}

function parseBeat(value: Fields): BeatFrame | null {
  const place = parseStep(value);
  const retry = isRecord(value['retry']) ? { retry: parseWindow(value['retry']) } : {};
  return place && { type: 'beat', ...place, stale: value['stale'] === true, ...retry };
}

function parseUnknown(value: Fields): UnknownFrame {
  const { seq, prev } = value;
  return { type: 'unknown', seq: isCount(seq) ? seq : null, prev: isCount(prev) ? prev : null, ...hashOf(value) };
}

function parseStep(value: Fields): { seq: number; prev: number; hash?: string } | null {
  const { seq, prev } = value;
  return isCount(seq) && isCount(prev) ? { seq, prev, ...hashOf(value) } : null;
}

/** A client does not judge the parts of a position. A malformed hash is left out. */
function hashOf({ hash }: Fields): { hash?: string } {
  return isHash(hash) ? { hash } : {};
}

function parseWindow(value: Fields): RetryWindow {
  const { afterMs, withinMs } = value;
  return {
    afterMs: isCount(afterMs) ? Math.min(afterMs, longestDelayMs) : defaultRetry.afterMs,
    withinMs: isCount(withinMs) ? Math.min(withinMs, longestDelayMs) : defaultRetry.withinMs,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not JSON, so not a frame
  }
}
