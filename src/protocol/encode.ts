import type { Change, Tombstone } from '../item/item.ts';
import type { ReconnectFrame, RetryWindow, SnapshotFrame } from './frame.ts';

/**
 * Frames as JSON text, built from an item's text that is encoded once and shared: only the short head differs from feed
 * to feed. Every function returns exactly what `JSON.stringify` of the frame would.
 */

/** What a frame tells of the connection rather than of the news. */
export interface Session {
  readonly beatMs: number;
  readonly stale: boolean;
  readonly retry: RetryWindow;
}

export function encodeItem(seq: number, prev: number, change: Change, itemJson: string): string {
  return `{"type":"item","seq":${seq},"prev":${prev},"change":"${change}","item":${itemJson}}`;
}

export interface Removal {
  readonly id: string;
  readonly version: number;
  readonly reason: string;
  readonly notice?: string;
  readonly tombstone?: Tombstone;
}

export function encodeRemoval(seq: number, prev: number, removal: Removal): string {
  const { id, version, reason, notice, tombstone } = removal;
  return JSON.stringify({ type: 'removal', seq, prev, id, version, reason, notice, tombstone });
}

export interface SnapshotHead {
  readonly epoch: string;
  readonly seq: number;
  readonly more: boolean;
  readonly reason: SnapshotFrame['reason'];
}

/** `itemsJson` are the items as JSON text, newest place first. */
export function encodeSnapshot(head: SnapshotHead, itemsJson: readonly string[], session: Session): string {
  const start = `{"type":"snapshot","epoch":${JSON.stringify(head.epoch)},"seq":${head.seq},"items":[`;
  return `${start}${itemsJson.join(',')}],"more":${head.more},"reason":"${head.reason}",${encodeSession(session)}}`;
}

export function encodeResumed(epoch: string, seq: number, missed: number, session: Session): string {
  return `{"type":"resumed","epoch":${JSON.stringify(epoch)},"seq":${seq},"missed":${missed},${encodeSession(session)}}`;
}

export function encodeBeat(seq: number, prev: number, { stale, retry }: Session): string {
  return `{"type":"beat","seq":${seq},"prev":${prev},"stale":${stale},${encodeWindow(retry)}}`;
}

export function encodeReconnect(window: RetryWindow): string {
  const frame: ReconnectFrame = { type: 'reconnect', afterMs: window.afterMs, withinMs: window.withinMs };
  return JSON.stringify(frame);
}

function encodeSession(session: Session): string {
  const { beatMs, stale, retry } = session;
  return `"beatMs":${beatMs},"stale":${stale},${encodeWindow(retry)}`;
}

function encodeWindow({ afterMs, withinMs }: RetryWindow): string {
  return `"retry":{"afterMs":${afterMs},"withinMs":${withinMs}}`;
}
