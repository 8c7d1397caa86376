import type { Correction, Direction, ItemBody, MoreFields, Urgency } from '../../../item/item.ts';
import { type ItemState, itemStates } from '../../../item/lifecycle.ts';
import { isCount, isRecord, parseMore } from '../../../protocol/item-parse.ts';

/** The delivery of an entry, over all fan-out processes. */
export interface Reach {
  readonly version: number;
  readonly what: string;
  readonly isProven: boolean;
  readonly targeted: number;
  /** Readers written to, in time or later. */
  readonly done: number;
  readonly waiting: number;
  readonly left: number;
  /** Processes that have not reported. */
  readonly silent: number;
  /**
   * The readers of the silent processes at their last report, and the time of the first of those reports, ms since 1970;
   * null: unknown.
   */
  readonly silentReaders: number;
  readonly silentSince: number | null;
  /** From the append to the last reader written to, ms; null while no reader was written to. */
  readonly maxMs: number | null;
}

/** The item in another edition. */
export interface Translation {
  readonly id: string;
  readonly edition: string;
  readonly version: number;
  readonly state: ItemState;
  /** The version of the original that was translated; null on the original. */
  readonly of: number | null;
}

/** An item in the desk's list: its newest accepted version, published or not. */
export interface DeskItem {
  readonly id: string;
  readonly edition: string;
  readonly version: number;
  readonly state: ItemState;
  readonly body: ItemBody;
  /** The editor of that version. */
  readonly by: string;
  /** The key of that editor: two editors may have one name. */
  readonly byKeyId: string;
  /** ms since 1970. */
  readonly updatedAt: number;
  /** When it was first accepted, ms since 1970: the order of the list. */
  readonly acceptedAt: number;
  /** Null before it is published. */
  readonly publishedAt: number | null;
  readonly dueAt: number | null;
  readonly publishedVersion: number | null;
  readonly reach: Reach | null;
  readonly original: Translation | null;
  readonly translations: readonly Translation[];
}

/** An item that goes out when STOP is released. */
export interface HeldItem {
  readonly item: DeskItem;
  readonly kind: 'publish' | 'correct' | 'release';
}

/** What goes out in an edition when STOP is released: the oldest of it, and how many more there are at most. */
export interface HeldItems {
  readonly items: readonly HeldItem[];
  readonly more: number;
}

/** A page of the list, and the time of the server. */
export interface ItemPage {
  readonly items: readonly DeskItem[];
  readonly next: string | null;
  /** ms since 1970. */
  readonly now: number;
}

/** The editable fields of an item, as POST and PUT take them. */
export interface ItemFields extends MoreFields {
  readonly edition: string;
  /** The edition's if left out. */
  readonly language?: string;
  readonly dir?: Direction;
  readonly headline: string;
  readonly attribution?: string;
  readonly urgency: Urgency;
  readonly sections: readonly string[];
  readonly regions: readonly string[];
  readonly topics: readonly string[];
  readonly url?: string;
  readonly expiresAt?: string;
  readonly correction?: Correction;
  readonly replaces?: string;
  readonly translationOf?: { readonly id: string; readonly version: number };
  readonly holdSeconds?: number;
  /** Takes an item off the clock that waits to go out. */
  readonly state?: 'draft';
  /** RFC 3339. */
  readonly publishAt?: string;
}

/** A page of the list. An invalid item is left out, so that the list survives it. */
export function parsePage(value: unknown): ItemPage {
  const { items, next, now } = isRecord(value) ? value : {};
  return {
    items: Array.isArray(items) ? items.flatMap((item) => parseItem(item) ?? []) : [],
    next: typeof next === 'string' ? next : null,
    now: typeof now === 'number' ? now : Date.now(),
  };
}

export function parseItem(value: unknown): DeskItem | null {
  if (!isRecord(value)) return null;
  const { id, edition, version, by } = value;
  const state = itemStates.find((known) => known === value['state']);
  const body = parseBody(value['body'], typeof edition === 'string' ? edition : '');
  if (typeof id !== 'string' || typeof edition !== 'string' || !isCount(version) || !state || !body) return null;
  const nameOf = (field: string) => (isRecord(by) && typeof by[field] === 'string' ? by[field] : '');
  return {
    id,
    edition,
    version,
    state,
    body,
    by: nameOf('name'),
    byKeyId: nameOf('keyId'),
    updatedAt: parseTime(value['updatedAt']) ?? 0,
    acceptedAt: parseTime(value['acceptedAt']) ?? 0,
    publishedAt: parseTime(value['publishedAt']),
    dueAt: parseTime(value['dueAt']),
    publishedVersion: isCount(value['publishedVersion']) ? value['publishedVersion'] : null,
    reach: parseReach(value['reach']),
    original: parseTranslation(value['original']),
    translations: Array.isArray(value['translations'])
      ? value['translations'].flatMap((one) => parseTranslation(one) ?? [])
      : [],
  };
}

function parseBody(value: unknown, edition: string): ItemBody | null {
  if (!isRecord(value) || typeof value['headline'] !== 'string') return null;
  const { attribution, url, expiresAt, urgency, language, correction, replaces, translationOf } = value;
  return {
    edition,
    language: typeof language === 'string' ? language : edition,
    dir: value['dir'] === 'rtl' ? 'rtl' : 'ltr',
    headline: value['headline'],
    urgency: urgency === 'flash' || urgency === 'update' ? urgency : 'urgent',
    sections: parseTexts(value['sections']),
    regions: parseTexts(value['regions']),
    topics: parseTexts(value['topics']),
    ...(typeof attribution === 'string' && { attribution }),
    ...(typeof url === 'string' && { url }),
    ...(typeof expiresAt === 'string' && { expiresAt }),
    ...parseCorrection(correction),
    ...(typeof replaces === 'string' && { replaces }),
    ...(isLink(translationOf) && { translationOf }),
    ...parseMore(value),
  };
}

function parseCorrection(value: unknown): Pick<ItemBody, 'correction'> {
  if (!isRecord(value)) return {};
  const { kind, note } = value;
  return { correction: { kind: kind === 'refile' ? kind : 'corrected', ...(typeof note === 'string' && { note }) } };
}

function parseTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function parseTime(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : value;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : null;
}

function isLink(value: unknown): value is { readonly id: string; readonly version: number } {
  return isRecord(value) && typeof value['id'] === 'string' && isCount(value['version']);
}

/** An item that this page cannot read counts as one more. */
export function parseHeld(value: unknown): HeldItems {
  const { items, more } = isRecord(value) ? value : {};
  const all: readonly unknown[] = Array.isArray(items) ? items : [];
  const read = all.flatMap((one): readonly HeldItem[] => {
    const item = parseItem(one);
    const kind = isRecord(one) ? one['kind'] : null;
    return item ? [{ item, kind: kind === 'correct' || kind === 'release' ? kind : 'publish' }] : [];
  });
  return { items: read, more: (isCount(more) ? more : 0) + all.length - read.length };
}

/** True if STOP keeps the newest version of the item from readers. */
export function isStoppable({ state, dueAt, version, publishedVersion }: DeskItem, now: number): boolean {
  if (state === 'scheduled') return dueAt !== null && dueAt <= now;
  return state === 'held' || state === 'queued' || isChangeWaiting({ state, version, publishedVersion, dueAt });
}

/** True if readers still have the version before. A correction that was stopped has no time any more. */
export function isChangeWaiting(item: Pick<DeskItem, 'state' | 'version' | 'publishedVersion' | 'dueAt'>): boolean {
  const { state, version, publishedVersion, dueAt } = item;
  return state === 'published' && publishedVersion !== null && publishedVersion < version && dueAt !== null;
}

/** True while one press keeps the newest version from readers: its hold still runs, or STOP holds it. `now`: the server's clock. */
export function isUndoable(item: DeskItem, now: number, isStopped: boolean): boolean {
  return isHeld(item, now) || (isStopped && isStoppable(item, now));
}

/** True while the item or its correction is held and can still be stopped. */
function isHeld({ state, dueAt, version, publishedVersion }: DeskItem, now: number): boolean {
  if (dueAt === null || dueAt <= now) return false;
  return state === 'held' || (state === 'published' && publishedVersion !== null && publishedVersion < version);
}

/** Parses a proof of the API. */
export function parseReach(value: unknown): Reach | null {
  if (!isRecord(value)) return null;
  const count = (name: string) => (isCount(value[name]) ? value[name] : 0);
  const latency = value['latencyMs'];
  const silent = silentOf(value['silentProcesses']);
  return {
    version: count('version'),
    what: typeof value['what'] === 'string' ? value['what'] : '',
    isProven: value['state'] === 'proven',
    targeted: count('targeted'),
    done: count('written') + count('caughtUp'),
    waiting: count('waiting'),
    left: count('left'),
    silent: Array.isArray(value['silent']) ? value['silent'].length : 0,
    silentReaders: silent.reduce((sum, { readers }) => sum + readers, 0),
    silentSince: silent.reduce<number | null>((first, { at }) => Math.min(first ?? at, at), null),
    maxMs: isRecord(latency) && typeof latency['max'] === 'number' ? latency['max'] : null,
  };
}

function silentOf(value: unknown): readonly { readonly readers: number; readonly at: number }[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [];
  return all.filter(isRecord).flatMap(({ readers, lastHeardAt }) => {
    const at = typeof lastHeardAt === 'string' ? Date.parse(lastHeardAt) : Number.NaN;
    return isCount(readers) && !Number.isNaN(at) ? [{ readers, at }] : [];
  });
}

function parseTranslation(value: unknown): Translation | null {
  if (!isRecord(value)) return null;
  const { id, edition, version, of } = value;
  const state = itemStates.find((known) => known === value['state']);
  if (typeof id !== 'string' || typeof edition !== 'string' || !isCount(version) || !state) return null;
  return { id, edition, version, state, of: isCount(of) ? of : null };
}
