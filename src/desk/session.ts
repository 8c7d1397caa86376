import { createHash, randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { KeyStore, Principal } from './key-store.ts';

const lifeSeconds = 12 * 3_600;

/** The desk page's sign-in: a random token in a cookie that no script can read. It ends with its key. */
export interface Sessions {
  readonly cookieName: string;
  open(principal: Principal): Promise<string>;
  /** The value of a `Set-Cookie` header for a token. */
  cookie(token: string): string;
  principal(cookieHeader: string | undefined): Promise<Principal | null>;
  end(cookieHeader: string | undefined): Promise<void>;
}

export interface SessionOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly keys: KeyStore;
  readonly publicUrl: string | undefined;
}

export function createSessions({ redis, prefix, keys, publicUrl }: SessionOptions): Sessions {
  const isSecure = publicUrl?.startsWith('https:') ?? false;
  const cookieName = isSecure ? '__Host-fw_session' : 'fw_session';
  const keyOf = (token: string) => `${prefix}:session:${createHash('sha256').update(token).digest('hex')}`;
  const tokenIn = (header: string | undefined) =>
    header
      ?.split(';')
      .map((pair) => pair.trim())
      .find((pair) => pair.startsWith(`${cookieName}=`))
      ?.slice(cookieName.length + 1);
  return {
    cookieName,
    open: async ({ keyId }) => {
      const token = randomBytes(32).toString('base64url');
      await redis.set(keyOf(token), `${keyId}:${(await keys.mark(keyId)) ?? ''}`, 'EX', lifeSeconds);
      return token;
    },
    cookie: (token) =>
      `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${token === '' ? 0 : lifeSeconds}${isSecure ? '; Secure' : ''}`,
    principal: async (header) => {
      const token = tokenIn(header);
      const [keyId = '', mark = ''] = (token && (await redis.get(keyOf(token))))?.split(':') ?? [];
      return mark === '' ? null : keys.principal(keyId, mark);
    },
    end: async (header) => {
      const token = tokenIn(header);
      if (token) await redis.del(keyOf(token));
    },
  };
}
