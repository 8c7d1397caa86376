import { Redis } from 'ioredis';
import { RedisSetupError } from './redis-setup.ts';

/** Errors of a connection or an answer that no retry heals, with what to change. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH/, 'asks for a password: set REDIS_URL=redis://user:password@host:port'],
  [/^WRONGPASS|^ERR invalid password/, 'does not take the user and password of REDIS_URL'],
  [/^NOPERM/, 'does not let this user do what its role needs: make its rules again (deploy/redis-users.acl)'],
  [/DB index is out of range/, 'has no database of the number in REDIS_URL'],
  [
    /SELECT is not allowed in cluster mode/,
    'is a cluster, which has database 0 alone: leave the number out of REDIS_URL',
  ],
  [/^(MOVED|CROSSSLOT)/, 'is a cluster of several shards: use one primary that holds every key'],
  [/Unknown RESP type|^Protocol error, got/, 'is no Redis: something else listens on this port'],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|^CERT_|CERT_ALTNAME_INVALID/,
    'has a certificate that is not trusted here: name its authority in NODE_EXTRA_CA_CERTS, and its host as the certificate does',
  ],
];

/** Why no retry will help, as the end of a sentence; null where Redis may come back by itself. */
function whyNever(error: Error): string | null {
  const said = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  return causes.find(([pattern]) => pattern.test(said) || pattern.test(error.message))?.[1] ?? null;
}

/** Nothing listens there, or the name is not known yet. */
function isAway(error: Error): boolean {
  return 'code' in error && /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(String(error.code));
}

/** What the connections of a process find before it has started. A Redis that is only away is no trouble: it is waited for. */
export class RedisTrouble {
  readonly #url: URL;
  readonly #rejected: Promise<never>;
  #reject: (error: RedisSetupError) => void = () => undefined;
  #error: RedisSetupError | null = null;
  #waiting = 0;
  #isProbing = false;

  constructor(url: string) {
    this.#url = new URL(url);
    this.#rejected = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.#rejected.catch(() => undefined); // whoever waits for it hears of it
  }

  note(error: Error): void {
    const why = whyNever(error);
    if (why !== null) this.#end(why);
    else if (this.#waiting > 0 && !isAway(error)) void this.#probe();
  }

  /** Resolves with `waited`; rejects with a RedisSetupError once a connection has met what no retry heals. */
  async unless<Value>(waited: Promise<Value>): Promise<Value> {
    this.#waiting += 1;
    try {
      const value = await Promise.race([this.#rejected, waited]);
      if (this.#error) throw this.#error;
      return value;
    } finally {
      this.#waiting -= 1;
    }
  }

  #end(why: string): void {
    this.#error ??= new RedisSetupError(`Redis at ${this.#url.host} ${why}`);
    this.#reject(this.#error);
  }

  /** TLS on one side alone looks like a Redis that is away: a hello without an answer, or a reset. */
  async #probe(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    const isTls = this.#url.protocol === 'rediss:';
    const place = { host: this.#url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(this.#url.port || 6_379) };
    if (isTls && (await speaksPlainly(place)))
      this.#end('does not speak TLS on this port: write redis:// in REDIS_URL, or name its TLS port');
    else if (!isTls && (await speaksTls(place))) this.#end('speaks TLS on this port: write rediss:// in REDIS_URL');
    this.#isProbing = false;
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Without a user and a password, and once. */
const probe = {
  connectTimeout: 1_000,
  commandTimeout: 1_000,
  enableOfflineQueue: false,
  disableClientInfo: true,
  retryStrategy: () => null,
};

/** Also one that asks for a password has answered. */
function speaksPlainly(place: Place): Promise<boolean> {
  return outcomeOf(new Redis({ ...place, ...probe }), 'ready', (error) => error.name === 'ReplyError');
}

/** Asks only whether there is a certificate at all, whoever has signed it. */
function speaksTls(place: Place): Promise<boolean> {
  const redis = new Redis({ ...place, ...probe, tls: { rejectUnauthorized: false } });
  return outcomeOf(redis, 'connect', () => false);
}

function outcomeOf(redis: Redis, sign: 'ready' | 'connect', isSign: (error: Error) => boolean): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    redis.once(sign, () => resolve(true));
    redis.on('error', (error: Error) => isSign(error) && resolve(true));
    redis.once('end', () => resolve(false));
  }).finally(() => redis.disconnect());
}
