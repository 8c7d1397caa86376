import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Redis } from 'ioredis';
import { tellDesks } from '../../log/commands/desk-news.ts';
import { siteKeys } from '../../log/redis/redis-keys.ts';
import type { KeyStore, Principal } from './key-store.ts';

const lifeSeconds = 12 * 3_600;
/** Sessions of one key at the same time; a new one ends the oldest. */
const mostSessions = 100;

/** Sign-ins of the desk page: a random token in a cookie that no script can read. A session ends with its key. */
export interface Sessions {
  open(principal: Principal): Promise<string>;
  /** The value of the `Set-Cookie` header for a token, in the response to a request with these headers. */
  cookie(token: string, headers: IncomingHttpHeaders): string;
  principal(headers: IncomingHttpHeaders): Promise<Principal | null>;
  /** SHA-256 of the token in the cookie, and the ms until the session expires; null: no session. */
  lease(headers: IncomingHttpHeaders): Promise<{ readonly id: string; readonly leftMs: number } | null>;
  /** Closes its open streams on every api process. */
  end(headers: IncomingHttpHeaders): Promise<void>;
}

/** For an API that accepts keys only: no cookie is valid. */
export const noSessions: Sessions = {
  open: () => Promise.reject(new Error('this API has no sessions')),
  cookie: () => '',
  principal: async () => null,
  lease: async () => null,
  end: async () => undefined,
};

export interface SessionOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly keys: KeyStore;
  readonly publicUrl: string | undefined;
}

export function createSessions({ redis, prefix, keys, publicUrl }: SessionOptions): Sessions {
  // Without a configured URL, a trusted proxy says whether the browser uses HTTPS.
  const isSecure = (headers: IncomingHttpHeaders) =>
    publicUrl === undefined ? headers['x-forwarded-proto'] === 'https' : publicUrl.startsWith('https:');
  const cookieName = (headers: IncomingHttpHeaders) => (isSecure(headers) ? '__Host-fw_session' : 'fw_session');
  const names = siteKeys(prefix);
  const idOf = (token: string) => createHash('sha256').update(token).digest('hex');
  const keyOf = (token: string) => names.session(idOf(token));
  const tokenIn = (headers: IncomingHttpHeaders) => {
    const name = `${cookieName(headers)}=`;
    return headers.cookie
      ?.split(';')
      .map((pair) => pair.trim())
      .find((pair) => pair.startsWith(name))
      ?.slice(name.length);
  };
  return {
    open: async ({ keyId }) => {
      const token = randomBytes(32).toString('base64url');
      const key = keyOf(token);
      await redis.set(key, `${keyId}:${(await keys.mark(keyId)) ?? ''}`, 'EX', lifeSeconds);
      const ofKey = names.sessions(keyId);
      await redis.lpush(ofKey, key);
      await redis.expire(ofKey, lifeSeconds);
      const oldest = await redis.lrange(ofKey, mostSessions, -1);
      if (oldest.length > 0) {
        await redis.ltrim(ofKey, 0, mostSessions - 1);
        for (const expired of oldest) {
          await redis.del(expired);
          await tellDesks(redis, prefix, { type: 'session', id: expired.slice(names.session('').length) });
        }
      }
      return token;
    },
    cookie: (token, headers) =>
      `${cookieName(headers)}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${token === '' ? 0 : lifeSeconds}${isSecure(headers) ? '; Secure' : ''}`,
    principal: async (headers) => {
      const token = tokenIn(headers);
      const [keyId = '', mark = ''] = (token && (await redis.get(keyOf(token))))?.split(':') ?? [];
      return mark === '' ? null : keys.principal(keyId, mark);
    },
    lease: async (headers) => {
      const token = tokenIn(headers);
      if (!token) return null;
      const leftMs = await redis.pttl(keyOf(token));
      return leftMs > 0 ? { id: idOf(token), leftMs } : null;
    },
    end: async (headers) => {
      const token = tokenIn(headers);
      if (!token) return;
      await redis.del(keyOf(token));
      await tellDesks(redis, prefix, { type: 'session', id: idOf(token) });
    },
  };
}
