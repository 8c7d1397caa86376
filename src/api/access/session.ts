import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Redis } from 'ioredis';
import type { KeyStore, Principal } from './key-store.ts';

const lifeSeconds = 12 * 3_600;
/** Of one key at the same time: a new one ends the oldest. */
const mostSessions = 100;

/** The desk page's sign-in: a random token in a cookie that no script can read. It ends with its key. */
export interface Sessions {
  open(principal: Principal): Promise<string>;
  /** The value of a `Set-Cookie` header for a token, in the answer to a request with these headers. */
  cookie(token: string, headers: IncomingHttpHeaders): string;
  principal(headers: IncomingHttpHeaders): Promise<Principal | null>;
  end(headers: IncomingHttpHeaders): Promise<void>;
}

/** Of a door that only keys open: no cookie is anybody's. */
export const noSessions: Sessions = {
  open: () => Promise.reject(new Error('there are no sessions here')),
  cookie: () => '',
  principal: async () => null,
  end: async () => undefined,
};

export interface SessionOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly keys: KeyStore;
  readonly publicUrl: string | undefined;
}

export function createSessions({ redis, prefix, keys, publicUrl }: SessionOptions): Sessions {
  // Without an address of its own, the site is where a trusted proxy says that the browser is.
  const isSecure = (headers: IncomingHttpHeaders) =>
    publicUrl === undefined ? headers['x-forwarded-proto'] === 'https' : publicUrl.startsWith('https:');
  const cookieName = (headers: IncomingHttpHeaders) => (isSecure(headers) ? '__Host-fw_session' : 'fw_session');
  const keyOf = (token: string) => `${prefix}:session:${createHash('sha256').update(token).digest('hex')}`;
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
      const ofKey = `${prefix}:sessions:${keyId}`;
      await redis.lpush(ofKey, key);
      await redis.expire(ofKey, lifeSeconds);
      const oldest = await redis.lrange(ofKey, mostSessions, -1);
      if (oldest.length > 0) {
        await redis.ltrim(ofKey, 0, mostSessions - 1);
        for (const one of oldest) await redis.del(one);
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
    end: async (headers) => {
      const token = tokenIn(headers);
      if (token) await redis.del(keyOf(token));
    },
  };
}
