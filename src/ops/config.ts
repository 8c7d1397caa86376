import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseRedisAddress, RedisAddressError } from './redis/redis-address.ts';

const whole = (fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER) => {
  const rule = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  return z.coerce
    .number({ error: `must be a whole number ${rule}` })
    .refine((value) => Number.isSafeInteger(value) && value >= min && value <= max, `must be a whole number ${rule}`)
    .default(fallback);
};

const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` });

/** An address to listen on; an IPv6 address may be in brackets. */
const address = (fallback: string) =>
  z
    .string()
    .transform((text) => text.trim().replace(/^\[(.*)\]$/, '$1'))
    .refine((text) => /^[A-Za-z0-9.:%_-]+$/.test(text), 'must be an IP address or a host name, without a port')
    .default(fallback);

const publicUrl = z.string().transform((text, context) => {
  const reject = (why: string) => {
    context.addIssue(`${why}; set it to scheme and host only, such as https://news.example`);
    return z.NEVER;
  };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text))
    return reject('must be an http or https URL');
  if (url.username !== '' || url.password !== '') return reject('must not have a user or a password');
  if (/[?#]/.test(text)) return reject('must not have a query or a fragment');
  if (url.pathname !== '/')
    return reject(`must not have a path (it has ${url.pathname}): Flashwire is the root of its host`);
  if (url.hostname.includes('*')) return reject('must not have a wildcard');
  return url.origin;
});

const defaultRedis = 'redis://127.0.0.1:6379';

const environment = z.object({
  PORT: whole(8080, 0, 65_535),
  HOST: address('127.0.0.1'),
  REDIS_URL: z.string().default(defaultRedis),
  REDIS_SENTINEL_USERNAME: z.string().optional(),
  REDIS_SENTINEL_PASSWORD: z.string().optional(),
  REDIS_TLS_CA: z.string().optional(),
  REDIS_TLS_CERT: z.string().optional(),
  REDIS_TLS_KEY: z.string().optional(),
  FLASHWIRE_REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z0-9 and -')
    .default('fw'),
  FLASHWIRE_REDIS_CHECK: oneOf(['refuse', 'warn']).default('warn'),
  FLASHWIRE_DURABILITY: oneOf(['local', 'replicated']).default('local'),
  FLASHWIRE_DURABILITY_STATED: z.string().max(100, 'must be at most 100 characters').optional(),
  FLASHWIRE_DATA_DIR: z.string().min(1).default('.flashwire'),
  FLASHWIRE_BOOTSTRAP_KEY: z
    .string()
    .regex(
      /^fw_[a-z0-9]{4,16}_[A-Za-z0-9_-]{32,128}$/,
      'must be fw_<id>_<secret>: id 4-16 of a-z0-9, secret 32-128 of A-Za-z0-9_-',
    )
    .optional(),
  FLASHWIRE_CONFIG: z.string().min(1).default('flashwire.config.json'),
  FLASHWIRE_PUBLIC_URL: publicUrl.optional(),
  FLASHWIRE_SECURITY_CONTACT: z
    .url({ protocol: /^(https|mailto)$/, error: 'must be a https: or mailto: URL' })
    .optional(),
  FLASHWIRE_TRUST_PROXY: z.string().default(''),
  FLASHWIRE_MAX_CONNECTIONS_PER_IP: whole(2_000, 1),
  FLASHWIRE_MAX_CONNECTIONS: whole(50_000, 1),
  FLASHWIRE_ACCEPT_RATE: whole(2_000, 1),
  FLASHWIRE_POST_RATE: whole(600, 1),
  FLASHWIRE_ALLOWED_ORIGINS: z.string().default('*'),
  FLASHWIRE_METRICS_HOST: address('127.0.0.1'),
  FLASHWIRE_METRICS_PORT: whole(9_464, 0, 65_535),
  FLASHWIRE_FANOUT_PROCESSES: whole(1, 1, 64),
  FLASHWIRE_NATIVE: oneOf(['auto', 'off', 'require']).default('auto'),
  FLASHWIRE_BEAT_MS: whole(20_000, 1_000, 120_000),
  FLASHWIRE_DRAIN_MS: whole(8_000, 0, 60_000),
  FLASHWIRE_LOG_ENTRIES: whole(100_000, 2_048),
  FLASHWIRE_ITEM_DAYS: whole(400, 1),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

/** Every variable that the process reads. Each may come from the file that `<NAME>_FILE` names. */
export const variableNames = Object.keys(environment.shape) as readonly (keyof Config)[];

export type Config = Readonly<z.infer<typeof environment>>;

/** What is wrong with the environment and what to do, on one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Parses the environment. Throws a ConfigError whose message names every wrong variable on one line. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set: Partial<Record<string, string>> = Object.fromEntries(
    variableNames.flatMap((name) => {
      const value = readValue(env, name)?.trim();
      return value === undefined || value === '' || isServiceLink(name, value) ? [] : [[name, value]];
    }),
  );
  // A weak Redis is acceptable on a laptop; in production it loses news.
  if (env['NODE_ENV'] === 'production') set['FLASHWIRE_REDIS_CHECK'] ??= 'refuse';
  const result = environment.safeParse(set);
  const wrongAddress = whyNoAddress({ ...set, REDIS_URL: set['REDIS_URL'] ?? defaultRedis });
  if (result.success && wrongAddress === null) return result.data;
  const faults = new Map(result.error?.issues.map(({ path, message }) => [path.join('.'), message]));
  const lines = [...faults].map(([name, rule]) => `${name}: ${rule}${shown(env, name)}`);
  throw new ConfigError([...lines, ...(wrongAddress === null ? [] : [wrongAddress])].join('; '));
}

function whyNoAddress(env: Parameters<typeof parseRedisAddress>[0]): string | null {
  try {
    parseRedisAddress(env);
    return null;
  } catch (error) {
    if (error instanceof RedisAddressError) return error.message;
    throw error;
  }
}

/** Values that may have a password in them. */
const unshown = ['FLASHWIRE_BOOTSTRAP_KEY', 'FLASHWIRE_PUBLIC_URL', 'FLASHWIRE_SECURITY_CONTACT'];

/** The value as it is in the environment, unless it may be secret. */
function shown(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  return value === undefined || env[`${name}_FILE`] || unshown.includes(name)
    ? ''
    : ` (it is ${JSON.stringify(value.slice(0, 64))})`;
}

/**
 * Kubernetes gives every pod `FLASHWIRE_METRICS_PORT=tcp://10.0.0.1:9464` once there is a Service named `flashwire-metrics`.
 * The operator did not set it, so the default applies.
 */
function isServiceLink(name: string, value: string): boolean {
  return name.startsWith('FLASHWIRE_') && name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\/\S+:\d+$/i.test(value);
}

function readValue(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined || file === '') return env[name];
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${name}_FILE: cannot read ${file} (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
