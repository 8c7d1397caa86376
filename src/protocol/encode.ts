import type { Change, Tombstone } from '../item/item.ts';
import type { ReconnectFrame, RetryWindow, SnapshotFrame } from './frame.ts';

/**
 * Frames as JSON text, built from the text of an item, which is encoded once and shared: only the short head differs between
 * feeds. Every function returns exactly the result of `JSON.stringify` of the frame.
 */

/** The part of a frame that is about the connection, not about items. */
export interface ConnectionTerms {
  readonly beatMs: number;
  readonly stale: boolean;
  readonly retry: RetryWindow;
}

/** The place of a frame in the log: its seq, and the first 8 hex digits of the chain's link there, empty if there is none. */
export interface LogPoint {
  readonly seq: number;
  readonly hash: string;
}

export function encodeItem(point: LogPoint, prev: number, change: Change, itemJson: string): string {
  return `{"type":"item",${encodePoint(point)},"prev":${prev},"change":"${change}","item":${itemJson}}`;
}

export interface Removal {
  readonly id: string;
  readonly version: number;
  readonly reason: string;
  readonly notice?: string;
  readonly tombstone?: Tombstone;
}

export function encodeRemoval({ seq, hash }: LogPoint, prev: number, removal: Removal): string {
  const { id, version, reason, notice, tombstone } = removal;
  return JSON.stringify({ type: 'removal', seq, ...(hash && { hash }), prev, id, version, reason, notice, tombstone });
}

export interface SnapshotHead extends LogPoint {
  readonly epoch: string;
  readonly more: boolean;
  readonly reason: SnapshotFrame['reason'];
}

/** `itemsJson` holds the items as JSON text, newest place first. */
export function encodeSnapshot(head: SnapshotHead, itemsJson: readonly string[], terms: ConnectionTerms): string {
  const start = `{"type":"snapshot","epoch":${JSON.stringify(head.epoch)},${encodePoint(head)},"items":[`;
  return `${start}${itemsJson.join(',')}],"more":${head.more},"reason":"${head.reason}",${encodeTerms(terms)}}`;
}

export function encodeResumed(epoch: string, point: LogPoint, missed: number, terms: ConnectionTerms): string {
  return `{"type":"resumed","epoch":${JSON.stringify(epoch)},${encodePoint(point)},"missed":${missed},${encodeTerms(terms)}}`;
}

export function encodeBeat(point: LogPoint, prev: number, { stale, retry }: ConnectionTerms): string {
  return `{"type":"beat",${encodePoint(point)},"prev":${prev},"stale":${stale},${encodeWindow(retry)}}`;
}

export function encodeReconnect(window: RetryWindow): string {
  const frame: ReconnectFrame = { type: 'reconnect', afterMs: window.afterMs, withinMs: window.withinMs };
  return JSON.stringify(frame);
}

function encodePoint({ seq, hash }: LogPoint): string {
  return hash === '' ? `"seq":${seq}` : `"seq":${seq},"hash":"${hash}"`;
}

function encodeTerms(terms: ConnectionTerms): string {
  const { beatMs, stale, retry } = terms;
  return `"beatMs":${beatMs},"stale":${stale},${encodeWindow(retry)}`;
}

function encodeWindow({ afterMs, withinMs }: RetryWindow): string {
  return `"retry":{"afterMs":${afterMs},"withinMs":${withinMs}}`;
}
