import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type KeyRole, keyRoles } from '../../protocol/key-role.ts';

/** Who stands behind a request. */
export interface Principal {
  readonly keyId: string;
  /** A person's or a system's name, for the list and the audit. */
  readonly name: string;
  readonly role: KeyRole;
  /** Null: every edition. */
  readonly editions: readonly string[] | null;
}

export interface NewKey {
  readonly name: string;
  readonly role: KeyRole;
  readonly editions?: readonly string[];
  readonly expiresAt?: number;
}

/** Keys as Redis keeps them: only the SHA-256 of a secret. A revoked or expired key is refused from the next request on. */
export interface KeyStore {
  /** Null for anything that is not a valid key: why is nobody's business. */
  authenticate(token: string): Promise<Principal | null>;
  /** What tells this key from another one that comes to have its id; null for a key that is not good. */
  mark(keyId: string): Promise<string | null>;
  /** Whether the key that opened a session is still the same, and good. */
  principal(keyId: string, mark: string): Promise<Principal | null>;
  /** The token is given once and can never be read again. */
  create(key: NewKey): Promise<{ readonly keyId: string; readonly token: string }>;
  /** False for a key that there is not. */
  revoke(keyId: string): Promise<boolean>;
  /** Every key that was made, newest first, without its secret; the bootstrap key is not among them. */
  list(): Promise<readonly KeyView[]>;
}

/** A key as the desk sees it. Times are ms since 1970. */
export interface KeyView extends Principal {
  readonly createdAt: number;
  /** To within a minute. 0: never; null: not known, it is older than this being noted. */
  readonly lastUsedAt: number | null;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

export interface KeyStoreOptions {
  readonly redis: Redis;
  readonly prefix: string;
  /** An admin key that exists from the start, kept in memory only. */
  readonly bootstrapKey: string | undefined;
  /** Redis' clock, ms: a host whose clock is wrong ends no key too early or too late. */
  readonly now?: () => number;
}

const record = z.object({
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  role: z.enum(keyRoles),
  editions: z.string(),
  expiresAt: z.coerce.number(),
  revokedAt: z.coerce.number(),
  createdAt: z.coerce.number().default(0),
  lastUsedAt: z.coerce.number().nullable().catch(null), // a note: no key ends because of it
});

/** A process notes a key's use so often at most: a desk that asks all the time writes once. */
const notedEveryMs = 60_000;

export function createKeyStore({ redis, prefix, bootstrapKey, now = Date.now }: KeyStoreOptions): KeyStore {
  const bootstrap = bootstrapKey === undefined ? null : parseToken(bootstrapKey);
  const keyOf = (keyId: string) => `${prefix}:key:${keyId}`;
  const index = `${prefix}:keys`;
  /** When this process has noted the use of a key, by its id. */
  const notedAt = new Map<string, number>();

  /** Nobody waits for it, and nothing fails with it. */
  const noteUse = (keyId: string) => {
    const at = now();
    if (keyId === bootstrap?.keyId || at - (notedAt.get(keyId) ?? 0) < notedEveryMs) return;
    notedAt.set(keyId, at);
    redis.hset(keyOf(keyId), 'lastUsedAt', at).catch(() => notedAt.delete(keyId));
  };

  const read = async (keyId: string) => {
    if (bootstrap?.keyId === keyId) {
      return {
        digest: digest(bootstrap.secret),
        principal: { keyId, name: 'Bootstrap key', role: 'admin', editions: null } satisfies Principal,
      };
    }
    const found = record.safeParse(await redis.hgetall(keyOf(keyId)));
    if (!found.success) return null;
    const { secret, name, role, editions, expiresAt, revokedAt } = found.data;
    const isGood = revokedAt === 0 && (expiresAt === 0 || expiresAt > now());
    const principal: Principal = { keyId, name, role, editions: editions === '' ? null : editions.split(',') };
    return isGood ? { digest: Buffer.from(secret, 'hex'), principal } : null;
  };

  return {
    authenticate: async (token) => {
      const given = parseToken(token);
      const known = given && (await read(given.keyId));
      // Compared also for an unknown id, so that both take the same time.
      const isEqual = timingSafeEqual(digest(given?.secret ?? ''), known ? known.digest : digest('no such key'));
      if (known && isEqual) {
        noteUse(known.principal.keyId);
        return known.principal;
      }
      // The bootstrap key was compared without asking Redis: its id would be known by a quicker no.
      if (given && given.keyId === bootstrap?.keyId) await redis.hgetall(keyOf(given.keyId));
      return null;
    },
    mark: async (keyId) => markOf((await read(keyId))?.digest),
    principal: async (keyId, mark) => {
      const known = await read(keyId);
      if (!known || markOf(known.digest) !== mark) return null;
      noteUse(keyId);
      return known.principal;
    },
    create: async ({ name, role, editions = [], expiresAt = 0 }) => {
      const keyId = randomBytes(5).toString('hex');
      const secret = randomBytes(32).toString('base64url');
      await redis.sadd(index, keyId);
      await redis.hset(keyOf(keyId), {
        createdAt: now(),
        lastUsedAt: 0,
        secret: digest(secret).toString('hex'),
        name,
        role,
        editions: editions.join(','),
        expiresAt,
        revokedAt: 0,
      });
      return { keyId, token: `fw_${keyId}_${secret}` };
    },
    revoke: async (keyId) => {
      if ((await redis.exists(keyOf(keyId))) === 0) return false;
      await redis.hset(keyOf(keyId), 'revokedAt', now());
      return true;
    },
    list: async () => {
      const ids = await redis.smembers(index);
      const found = await Promise.all(ids.map(async (keyId) => viewOf(keyId, await redis.hgetall(keyOf(keyId)))));
      return found.filter((view) => view !== null).sort((a, b) => b.createdAt - a.createdAt);
    },
  };
}

function viewOf(keyId: string, fields: unknown): KeyView | null {
  const found = record.safeParse(fields);
  if (!found.success) return null;
  const { name, role, editions, createdAt, lastUsedAt, expiresAt, revokedAt } = found.data;
  return {
    keyId,
    name,
    role,
    editions: editions === '' ? null : editions.split(','),
    createdAt,
    lastUsedAt,
    expiresAt: expiresAt || null,
    revokedAt: revokedAt || null,
  };
}

function parseToken(token: string): { readonly keyId: string; readonly secret: string } | null {
  const match = /^fw_([a-z0-9]{4,16})_([A-Za-z0-9_-]{32,128})$/.exec(token);
  return match?.[1] && match[2] ? { keyId: match[1], secret: match[2] } : null;
}

/** Short, so that what a session keeps says nothing of the secret. */
function markOf(digest: Buffer | undefined): string | null {
  return digest?.toString('hex', 0, 6) ?? null;
}

/** A random secret of this length needs no slow hash. */
function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
