import { Redis } from 'ioredis';
import { type RedisAddress, type RedisPlace, whereIs } from './redis-address.ts';
import { RedisSetupError } from './redis-setup.ts';

/** Errors that a retry cannot solve, with what to change. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH/, 'requires a password: set REDIS_URL=redis://user:password@host:port'],
  [
    /^WRONGPASS|^ERR invalid password/,
    'rejects the user and password of REDIS_URL, where # @ / ? and % have to be percent-encoded',
  ],
  [/^NOPERM/, 'denies this user a command that its role needs: create its rules again (deploy/redis-users.acl)'],
  [/DB index is out of range/, 'does not have the database of REDIS_URL'],
  [
    /SELECT is not allowed in cluster mode/,
    'is a cluster, which has database 0 only: leave the number out of REDIS_URL',
  ],
  [/^(MOVED|CROSSSLOT)/, 'is a cluster of several shards: begin REDIS_URL with redis-cluster:// or rediss-cluster://'],
  [/cluster support disabled/, 'is not a cluster: begin REDIS_URL with redis:// or rediss://'],
  [/Unknown RESP type|^Protocol error, got/, 'is not a Redis: another program listens on this port'],
];

/** Over TLS, to Redis and to Sentinels. */
const tlsCauses: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED/, 'has a certificate that has expired: renew it'],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|^CERT_/,
    'has a certificate that is not trusted: set REDIS_TLS_CA_FILE to the file of its authority',
  ],
  [/CERT_ALTNAME_INVALID/, 'has a certificate for other hosts: use a host name of the certificate'],
  [
    /ALERT_(BAD_CERT|CERT|UNKNOWN_CA)/,
    'asks for a certificate of this client that it trusts: set REDIS_TLS_CERT_FILE and REDIS_TLS_KEY_FILE',
  ],
];

const sentinelCauses: readonly (readonly [RegExp, string])[] = [
  [/No such master with that name/, 'do not know the name after # in REDIS_URL: SENTINEL MASTERS lists the names'],
  [/unknown command.*sentinel/i, 'are not Sentinels: use their port, usually 26379, or begin REDIS_URL with redis://'],
  [/NOAUTH/, 'require a password: set REDIS_SENTINEL_PASSWORD'],
  [/WRONGPASS|invalid password/, 'reject REDIS_SENTINEL_USERNAME and REDIS_SENTINEL_PASSWORD'],
  [
    /NOPERM/,
    'deny their user a command: it needs +auth +hello +subscribe +sentinel|get-master-addr-by-name +sentinel|sentinels +sentinel|master',
  ],
];

/** Why a retry cannot help, as a whole line; null if Redis may come back. */
function whyNever(error: Error, where: string): string | null {
  const ofSentinels = error.message.startsWith('All sentinels are unreachable');
  const why = causeOf(error, ofSentinels ? sentinelCauses : [...causes, ...tlsCauses]);
  return why === null ? null : `${ofSentinels ? 'the Sentinels' : 'Redis'} at ${where} ${why}`;
}

function causeOf(error: Error, list: typeof causes): string | null {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  return list.find(([pattern]) => pattern.test(code) || pattern.test(error.message))?.[1] ?? null;
}

/** Nothing listens there, or the name does not resolve yet. */
function isUnreachable(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : error.message;
  return /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b/.test(code);
}

/** Collects the errors of connections before a process has started. A process waits for an unreachable Redis. */
export class RedisTrouble {
  readonly #address: RedisAddress;
  readonly #rejected: Promise<never>;
  #reject: (error: RedisSetupError) => void = () => undefined;
  #error: RedisSetupError | null = null;
  #waiting = 0;
  #isProbing = false;

  constructor(address: RedisAddress) {
    this.#address = address;
    this.#rejected = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.#rejected.catch(() => undefined); // `unless` rejects with it
  }

  note(error: Error): void {
    const why = whyNever(error, whereIs(this.#address));
    if (why !== null) this.#end(why);
    else if (this.#waiting > 0 && !isUnreachable(error)) void this.#probe();
  }

  /** Resolves with `result`. Rejects with a RedisSetupError once a connection has an error that a retry cannot solve. */
  async unless<Value>(result: Promise<Value>): Promise<Value> {
    this.#waiting += 1;
    try {
      const value = await Promise.race([this.#rejected, result]);
      if (this.#error) throw this.#error;
      return value;
    } finally {
      this.#waiting -= 1;
    }
  }

  #end(why: string): void {
    this.#error ??= new RedisSetupError(why);
    this.#reject(this.#error);
  }

  /** TLS on one side only looks like an unreachable Redis, and so does every Sentinel with an error of TLS. */
  async #probe(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    const { kind, tls, places } = this.#address;
    const [place] = places;
    if (!place) return;
    const where = whereIs(this.#address);
    if (tls && (await speaksPlainly(place)))
      this.#end(
        `Redis at ${where} does not speak TLS on this port: begin REDIS_URL with redis instead of rediss, or use the TLS port`,
      );
    else if (!tls && (await speaksTls(place)))
      this.#end(`Redis at ${where} speaks TLS on this port: begin REDIS_URL with rediss`);
    else if (tls && kind === 'sentinel') {
      const error = await errorOf(new Redis({ ...place, ...probe, tls }));
      const why = error && causeOf(error, tlsCauses);
      if (why) this.#end(`a Sentinel of ${where} ${why}`);
    }
    this.#isProbing = false;
  }
}

/** One attempt, without user and password. */
const probe = {
  connectTimeout: 1_000,
  commandTimeout: 1_000,
  enableOfflineQueue: false,
  disableClientInfo: true,
  retryStrategy: () => null,
};

/** True also for a Redis that requires a password. */
function speaksPlainly(place: RedisPlace): Promise<boolean> {
  return outcomeOf(new Redis({ ...place, ...probe }), 'ready', (error) => error.name === 'ReplyError');
}

/** Accepts any certificate: only TLS matters here. */
function speaksTls(place: RedisPlace): Promise<boolean> {
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

function errorOf(redis: Redis): Promise<Error | null> {
  return new Promise<Error | null>((resolve) => {
    redis.once('connect', () => resolve(null));
    redis.on('error', resolve);
  }).finally(() => redis.disconnect());
}
