import { readFileSync } from 'node:fs';
import { z } from 'zod';

const whole = (fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

const environment = z.object({
  PORT: whole(8080, 0, 65_535),
  HOST: z.string().min(1).default('127.0.0.1'),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).default('redis://127.0.0.1:6379'),
  FLASHWIRE_REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/)
    .default('fw'),
  FLASHWIRE_REDIS_CHECK: z.enum(['refuse', 'warn']).default('warn'),
  FLASHWIRE_DATA_DIR: z.string().min(1).default('.flashwire'),
  FLASHWIRE_BOOTSTRAP_KEY: z
    .string()
    .regex(
      /^fw_[a-z0-9]{4,16}_[A-Za-z0-9_-]{32,128}$/,
      'must be fw_<id>_<secret>: id 4-16 of a-z0-9, secret 32-128 of A-Za-z0-9_-',
    )
    .optional(),
  FLASHWIRE_CONFIG: z.string().min(1).default('flashwire.config.json'),
  FLASHWIRE_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  FLASHWIRE_SECURITY_CONTACT: z
    .url({ protocol: /^(https|mailto)$/, error: 'must be a https: or mailto: URL' })
    .optional(),
  FLASHWIRE_TRUST_PROXY: z.string().default(''),
  FLASHWIRE_MAX_CONNECTIONS_PER_IP: whole(2_000, 1),
  FLASHWIRE_MAX_CONNECTIONS: whole(50_000, 1),
  FLASHWIRE_ACCEPT_RATE: whole(2_000, 1),
  FLASHWIRE_POST_RATE: whole(600, 1),
  FLASHWIRE_ALLOWED_ORIGINS: z.string().default('*'),
  FLASHWIRE_METRICS_PORT: whole(9_464, 0, 65_535),
  FLASHWIRE_FANOUT_PROCESSES: whole(1, 1, 64),
  FLASHWIRE_BEAT_MS: whole(20_000, 1_000, 120_000),
  FLASHWIRE_DRAIN_MS: whole(8_000, 0, 60_000),
  FLASHWIRE_LOG_ENTRIES: whole(100_000, 2_048),
  FLASHWIRE_ITEM_DAYS: whole(400, 1),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

/** Names of every variable the process reads; each may come from a file named by `<NAME>_FILE`. */
export const variableNames = Object.keys(environment.shape) as readonly (keyof Config)[];

export type Config = Readonly<z.infer<typeof environment>>;

/** What was wrong with the environment, as one line a person can act on. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Parses the environment once. Throws a ConfigError whose message is one line naming every bad variable. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set: Partial<Record<string, string>> = Object.fromEntries(
    variableNames.flatMap((name) => {
      const value = given(env, name);
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  // What is only weak on a desk's laptop loses news in production.
  if (env['NODE_ENV'] === 'production') set['FLASHWIRE_REDIS_CHECK'] ??= 'refuse';
  const result = environment.safeParse(set);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

function given(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined || file === '') return env[name];
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(`${name}_FILE: cannot read ${file} (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
