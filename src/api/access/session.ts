import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { tellDesks } from '../../log/commands/desk-news.ts';
import { siteKeys } from '../../log/redis/redis-keys.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import { browserName } from './browser-name.ts';
import type { KeyHolder, KeyStore, Principal } from './key-store.ts';

const lifeSeconds = 12 * 3_600;
/** Sessions of one key at the same time; a new one ends the oldest. */
const mostSessions = 100;
/** The use of a session is written at most this often, because a desk page asks all day. */
export const useNotedEveryMs = 60_000;

/** An open session as `GET /v1/sessions` lists it. Times are ms since 1970; null: a session that an older version opened. */
export interface SessionView {
  /** The SHA-256 of its token, which cannot be used as one. */
  readonly id: string;
  readonly startedAt: number | null;
  /** To within a minute. */
  readonly lastSeenAt: number | null;
  readonly expiresAt: number | null;
  /** Such as `Firefox · Linux`; empty if it is unknown. */
  readonly browser: string;
}

/** The session that opened a stream. */
export interface Lease {
  /** The SHA-256 of its token. */
  readonly id: string;
  /** ms until it expires. */
  readonly leftMs: number;
  /** It is in use now. One command, in the background. */
  noteUse(): void;
}

/** Sign-ins of the desk page: a random token in a cookie that no script can read. A session ends with its key. */
export interface Sessions {
  open(principal: Principal, userAgent?: string): Promise<string>;
  /** The value of the `Set-Cookie` header for a token, in the response to a request with these headers. */
  cookie(token: string, headers: IncomingHttpHeaders): string;
  principal(headers: IncomingHttpHeaders): Promise<Principal | null>;
  /** Null: no session. */
  lease(headers: IncomingHttpHeaders): Promise<Lease | null>;
  /** Closes its open streams on every api process. */
  end(headers: IncomingHttpHeaders): Promise<void>;
  /** Like `end`. */
  endById(id: string): Promise<void>;
  /** The open sessions of a key, newest first. */
  of(holder: KeyHolder): Promise<readonly SessionView[]>;
}

/** For an API that accepts keys only: no cookie is valid. */
export const noSessions: Sessions = {
  open: () => Promise.reject(new Error('this API has no sessions')),
  cookie: () => '',
  principal: async () => null,
  lease: async () => null,
  end: async () => undefined,
  endById: async () => undefined,
  of: async () => [],
};

export interface SessionOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly keys: KeyStore;
  readonly publicUrl: string | undefined;
  /** Redis' clock, ms. */
  readonly now?: () => number;
}

export function createSessions({ redis, prefix, keys, publicUrl, now = Date.now }: SessionOptions): Sessions {
  const { cookie, tokenIn } = cookies(publicUrl);
  const names = siteKeys(prefix);
  const idIn = (headers: IncomingHttpHeaders) => {
    const token = tokenIn(headers);
    return token ? createHash('sha256').update(token).digest('hex') : null;
  };
  const read = async (id: string) => parseSession((await redis.get(names.session(id))) ?? '');
  /** In the background: the next use writes it if this one cannot. A session that has ended meanwhile stays ended (XX). */
  const noteUse = (id: string, session: StoredSession) => {
    redis.set(names.session(id), textOf({ ...session, lastSeenAt: now() }), 'KEEPTTL', 'XX').catch(() => undefined);
  };
  const endById = async (id: string) => {
    await redis.del(names.session(id));
    await tellDesks(redis, prefix, { type: 'session', id });
  };
  return {
    cookie,
    open: async ({ keyId }, userAgent) => {
      const token = randomBytes(32).toString('base64url');
      const key = names.session(createHash('sha256').update(token).digest('hex'));
      const [mark, at] = [(await keys.mark(keyId)) ?? '', now()];
      const session = { keyId, mark, startedAt: at, lastSeenAt: at, browser: browserName(userAgent) };
      await redis.set(key, textOf(session), 'EX', lifeSeconds);
      const ofKey = names.sessions(keyId);
      await redis.lpush(ofKey, key);
      await redis.expire(ofKey, lifeSeconds);
      const oldest = await redis.lrange(ofKey, mostSessions, -1);
      if (oldest.length > 0) {
        await redis.ltrim(ofKey, 0, mostSessions - 1);
        for (const expired of oldest) await endById(expired.slice(names.session('').length));
      }
      return token;
    },
    principal: async (headers) => {
      const id = idIn(headers);
      const session = id && (await read(id));
      const principal = session && (await keys.principal(session.keyId, session.mark));
      if (!principal) return null;
      if (now() - (session.lastSeenAt ?? 0) >= useNotedEveryMs) noteUse(id, session);
      return { ...principal, sessionId: id };
    },
    lease: async (headers) => {
      const id = idIn(headers);
      if (!id) return null;
      const [session, leftMs] = await Promise.all([read(id), redis.pttl(names.session(id))]);
      return session && leftMs > 0 ? { id, leftMs, noteUse: () => noteUse(id, session) } : null;
    },
    end: async (headers) => {
      const id = idIn(headers);
      if (id) await endById(id);
    },
    endById,
    of: async ({ keyId, mark }) => {
      const ids = (await redis.lrange(names.sessions(keyId), 0, mostSessions - 1)).map((key) =>
        key.slice(names.session('').length),
      );
      const found = await Promise.all(ids.map(async (id) => viewOf(id, await read(id), mark)));
      return found.filter((view) => view !== null);
    },
  };
}

/** The session's cookie. Without a configured URL, a trusted proxy says whether the browser uses HTTPS. */
function cookies(publicUrl: string | undefined) {
  const isSecure = (headers: IncomingHttpHeaders) =>
    publicUrl === undefined ? headers['x-forwarded-proto'] === 'https' : publicUrl.startsWith('https:');
  const nameFor = (headers: IncomingHttpHeaders) => (isSecure(headers) ? '__Host-fw_session' : 'fw_session');
  return {
    cookie: (token: string, headers: IncomingHttpHeaders) =>
      `${nameFor(headers)}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${token === '' ? 0 : lifeSeconds}${isSecure(headers) ? '; Secure' : ''}`,
    tokenIn: (headers: IncomingHttpHeaders) => {
      const name = `${nameFor(headers)}=`;
      return headers.cookie
        ?.split(';')
        .map((pair) => pair.trim())
        .find((pair) => pair.startsWith(name))
        ?.slice(name.length);
    },
  };
}

interface StoredSession {
  readonly keyId: string;
  readonly mark: string;
  readonly startedAt: number | null;
  readonly lastSeenAt: number | null;
  readonly browser: string;
}

/** The last version reads the first two parts and ignores the rest. */
function textOf({ keyId, mark, startedAt, lastSeenAt, browser }: StoredSession): string {
  return [keyId, mark, startedAt ?? '', lastSeenAt ?? '', browser].join(':');
}

function parseSession(text: string): StoredSession | null {
  const [keyId = '', mark = '', started = '', lastSeen = '', browser = ''] = text.split(':');
  return mark === ''
    ? null
    : { keyId, mark, startedAt: Number(started) || null, lastSeenAt: Number(lastSeen) || null, browser };
}

/** Null for a session that has ended, and for one of an earlier key with the same id. */
function viewOf(id: string, session: StoredSession | null, mark: string): SessionView | null {
  if (session?.mark !== mark) return null;
  const { startedAt, lastSeenAt, browser } = session;
  return { id, startedAt, lastSeenAt, expiresAt: startedAt && startedAt + lifeSeconds * 1_000, browser };
}
