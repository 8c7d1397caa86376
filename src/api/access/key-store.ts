import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { tellDesks } from '../../log/commands/desk-news.ts';
import { siteKeys } from '../../log/redis/redis-keys.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import { type KeyRole, keyRoles } from '../../protocol/key-role.ts';

/** The owner of a valid key: who sends a request. */
export interface Principal {
  readonly keyId: string;
  /** The name of a person or a system, for the item list and the audit trail. */
  readonly name: string;
  readonly role: KeyRole;
  /** Null: every edition. */
  readonly editions: readonly string[] | null;
  /** ms since 1970; null: never. */
  readonly expiresAt: number | null;
  /** The session of the desk page that sends it; absent for a request with a key. */
  readonly sessionId?: string;
}

export interface NewKey {
  readonly name: string;
  readonly role: KeyRole;
  readonly editions?: readonly string[];
  /** ms since 1970. */
  readonly expiresAt?: number;
}

/** The owner of a valid key, with the mark of its secret. */
export interface KeyHolder extends Principal {
  readonly mark: string;
}

/** A key as `GET /v1/keys` lists it. Times are ms since 1970. */
export interface KeyView extends Principal {
  readonly createdAt: number;
  /** To within a minute. 0: never used. Null: unknown, because the key is older than this field. */
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

export interface KeyStoreOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  /** An admin key that exists from the start and stays in memory only. */
  readonly bootstrapKey: string | undefined;
  /** Redis' clock, ms: on a host whose clock is wrong, no key expires too early or too late. */
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
  lastUsedAt: z.coerce.number().nullable().catch(null), // information only: a bad value does not invalidate the key
});

/** A process writes the use of a key at most this often, because a desk page polls all day. */
const useNotedEveryMs = 60_000;

interface StoredKey {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/** API keys in Redis, which keeps only the SHA-256 of a secret. A revoked or expired key is refused from the next request on. */
export class KeyStore {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  readonly #index: string;
  readonly #bootstrap: Token | null;
  readonly #now: () => number;
  /** By key id: the time at which this process last wrote the use of the key. */
  readonly #useNotedAt = new Map<string, number>();

  constructor({ redis, prefix, bootstrapKey, now = Date.now }: KeyStoreOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#index = siteKeys(prefix).apiKeys;
    this.#bootstrap = bootstrapKey === undefined ? null : parseToken(bootstrapKey);
    this.#now = now;
  }

  /** Null for a token that is not a valid key; the caller does not learn why. */
  async authenticate(text: string): Promise<Principal | null> {
    const token = parseToken(text);
    const stored = token && (await this.#read(token.keyId));
    // Compares for an unknown id too, so that both cases take the same time.
    const isEqual = timingSafeEqual(digest(token?.secret ?? ''), stored ? stored.digest : digest('no such key'));
    if (stored && isEqual) {
      this.#noteUse(stored.principal.keyId);
      return stored.principal;
    }
    // The bootstrap key is compared without Redis: without this read, a faster refusal would reveal its id.
    if (token && token.keyId === this.#bootstrap?.keyId) await this.#redis.hgetall(this.#keyOf(token.keyId));
    return null;
  }

  /** Identifies the secret of a key, so that a session does not survive a new key with the same id. Null for an invalid key. */
  async mark(keyId: string): Promise<string | null> {
    const stored = await this.#read(keyId);
    return stored && markOf(stored.digest);
  }

  /** The owner of the key that opened a session; null once the key has changed or is invalid. */
  async principal(keyId: string, mark: string): Promise<Principal | null> {
    const stored = await this.#read(keyId);
    if (!stored || markOf(stored.digest) !== mark) return null;
    this.#noteUse(keyId);
    return stored.principal;
  }

  /** The token is returned once and cannot be read again. */
  async create({ name, role, editions = [], expiresAt = 0 }: NewKey): Promise<{ keyId: string; token: string }> {
    const keyId = randomBytes(5).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    await this.#redis.sadd(this.#index, keyId);
    await this.#redis.hset(this.#keyOf(keyId), {
      createdAt: this.#now(),
      lastUsedAt: 0,
      secret: digest(secret).toString('hex'),
      name,
      role,
      editions: editions.join(','),
      expiresAt,
      revokedAt: 0,
    });
    return { keyId, token: `fw_${keyId}_${secret}` };
  }

  /** Closes the open streams of the key on every api process. False if the key does not exist. */
  async revoke(keyId: string): Promise<boolean> {
    if ((await this.#redis.exists(this.#keyOf(keyId))) === 0) return false;
    await this.#redis.hset(this.#keyOf(keyId), 'revokedAt', this.#now());
    await tellDesks(this.#redis, this.#prefix, { type: 'key', id: keyId });
    return true;
  }

  /** Every key ever created, newest first, without its secret. The bootstrap key is not in the list. */
  async list(): Promise<readonly KeyView[]> {
    const ids = await this.#redis.smembers(this.#index);
    const views = await Promise.all(ids.map(async (id) => viewOf(id, await this.#redis.hgetall(this.#keyOf(id)))));
    return views.filter((view) => view !== null).sort((a, b) => b.createdAt - a.createdAt);
  }

  /** The owner of every key that is valid now, the bootstrap key included. */
  async holders(): Promise<readonly KeyHolder[]> {
    const ids = await this.#redis.smembers(this.#index);
    const all = await Promise.all(
      [...(this.#bootstrap ? [this.#bootstrap.keyId] : []), ...ids].map((id) => this.#read(id)),
    );
    return all.flatMap((stored) => (stored ? [{ ...stored.principal, mark: markOf(stored.digest) }] : []));
  }

  async #read(keyId: string): Promise<StoredKey | null> {
    if (this.#bootstrap?.keyId === keyId) {
      return {
        digest: digest(this.#bootstrap.secret),
        principal: { keyId, name: 'Bootstrap key', role: 'admin', editions: null, expiresAt: null },
      };
    }
    const { data } = record.safeParse(await this.#redis.hgetall(this.#keyOf(keyId)));
    if (!data) return null;
    const { secret, name, role, editions, expiresAt, revokedAt } = data;
    const isValid = revokedAt === 0 && (expiresAt === 0 || expiresAt > this.#now());
    if (!isValid) return null;
    const principal = { keyId, name, role, editions: editionsOf(editions), expiresAt: expiresAt || null };
    return { digest: Buffer.from(secret, 'hex'), principal };
  }

  /** In the background: the request neither waits for it nor fails with it. */
  #noteUse(keyId: string): void {
    const at = this.#now();
    if (keyId === this.#bootstrap?.keyId || at - (this.#useNotedAt.get(keyId) ?? 0) < useNotedEveryMs) return;
    this.#useNotedAt.set(keyId, at);
    this.#redis.hset(this.#keyOf(keyId), 'lastUsedAt', at).catch(() => this.#useNotedAt.delete(keyId));
  }

  #keyOf(keyId: string): string {
    return siteKeys(this.#prefix).apiKey(keyId);
  }
}

function viewOf(keyId: string, fields: unknown): KeyView | null {
  const { data } = record.safeParse(fields);
  if (!data) return null;
  const { name, role, editions, createdAt, lastUsedAt, expiresAt, revokedAt } = data;
  return {
    keyId,
    name,
    role,
    editions: editionsOf(editions),
    createdAt,
    lastUsedAt,
    expiresAt: expiresAt || null,
    revokedAt: revokedAt || null,
  };
}

/** Redis keeps the editions separated by commas; an empty text stands for all. */
function editionsOf(text: string): readonly string[] | null {
  return text === '' ? null : text.split(',');
}

interface Token {
  readonly keyId: string;
  readonly secret: string;
}

function parseToken(text: string): Token | null {
  const match = /^fw_([a-z0-9]{4,16})_([A-Za-z0-9_-]{32,128})$/.exec(text);
  return match?.[1] && match[2] ? { keyId: match[1], secret: match[2] } : null;
}

/** Short, so that the record of a session reveals nothing of the secret. */
function markOf(digest: Buffer): string {
  return digest.toString('hex', 0, 6);
}

/** A random secret of this length needs no slow hash. */
function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
