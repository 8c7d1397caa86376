import { isRecord } from '../../../protocol/item-parse.ts';

/** An API key without its secret. Times are ms since 1970. */
export interface Key {
  readonly keyId: string;
  readonly name: string;
  readonly role: string;
  /** Null: every edition. */
  readonly editions: readonly string[] | null;
  /** 0: never used; null: unknown. */
  readonly lastUsedAt: number | null;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** A role that the API knows, and the rights of its keys. */
export interface Role {
  readonly role: string;
  readonly may: readonly string[];
}

export interface KeyList {
  readonly keys: readonly Key[];
  readonly roles: readonly Role[];
}

/** A browser that is signed in. Times are ms since 1970; null: unknown. */
export interface Session {
  readonly id: string;
  readonly keyId: string;
  readonly name: string;
  /** Empty: unknown. */
  readonly browser: string;
  readonly startedAt: number | null;
  readonly lastSeenAt: number | null;
  /** The session of this page. */
  readonly isCurrent: boolean;
}

export interface SessionList {
  /** The time of the server. */
  readonly now: number;
  readonly sessions: readonly Session[];
}

/** The body of POST /v1/keys. */
export interface NewKey {
  readonly name: string;
  readonly role: string;
  readonly editions?: readonly string[];
  /** RFC 3339. */
  readonly expiresAt?: string;
}

export function parseKeys(value: unknown): KeyList {
  const { keys, roles } = isRecord(value) ? value : {};
  return {
    keys: recordsIn(keys).map(parseKey),
    roles: recordsIn(roles).map(({ role, may }) => ({ role: textOf(role), may: textsIn(may) })),
  };
}

export function parseSessions(value: unknown): SessionList {
  const { now, sessions } = isRecord(value) ? value : {};
  return { now: typeof now === 'number' ? now : Date.now(), sessions: recordsIn(sessions).map(parseOneSession) };
}

/** The token of a new key; null for another answer. */
export function parseToken(value: unknown): string | null {
  return isRecord(value) && typeof value['token'] === 'string' ? value['token'] : null;
}

function parseKey(value: Readonly<Record<string, unknown>>): Key {
  const { keyId, name, role, editions, lastUsedAt, expiresAt, revokedAt } = value;
  return {
    keyId: textOf(keyId),
    name: textOf(name),
    role: textOf(role),
    editions: Array.isArray(editions) ? textsIn(editions) : null,
    lastUsedAt: lastUsedAt === null ? 0 : timeIn(lastUsedAt),
    expiresAt: timeIn(expiresAt),
    revokedAt: timeIn(revokedAt),
  };
}

function parseOneSession(value: Readonly<Record<string, unknown>>): Session {
  const { id, keyId, name, browser, startedAt, lastSeenAt, isCurrent } = value;
  return {
    id: textOf(id),
    keyId: textOf(keyId),
    name: textOf(name),
    browser: textOf(browser),
    startedAt: timeIn(startedAt),
    lastSeenAt: timeIn(lastSeenAt),
    isCurrent: isCurrent === true,
  };
}

function recordsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function timeIn(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
