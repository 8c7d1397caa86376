import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const service = z.object({
  command: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.unknown()).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }),
  secrets: z.array(z.string()).optional(),
  user: z.string().optional(),
  image: z.string().regex(/:v?\d/, 'must have a pinned tag'),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  networks: z.array(z.string()),
});
/** What the tests use; compose-rules.ts looks at every field. */
const included = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()).optional(),
});
const composeFile = included.extend({
  include: z.tuple([z.string()]),
  networks: z.record(z.string(), z.object({ internal: z.boolean().optional() })),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

type Environment = Readonly<Record<string, string>>;

/**
 * A value as Docker Compose reads it. Throws where it would not start. As in Compose, what stands inside a default is read in any case.
 */
function interpolated(value: string, env: Environment): string {
  const pattern = /\$\{(\w+)(?:(:[-+?])((?:[^${}]|\$\{[^{}]*\})*))?\}/g;
  return value.replace(pattern, (_all, name: string, operator = '', rest = '') => {
    const known = env[name] ?? '';
    if (operator === ':?' && known === '') throw new Error(`${name}: ${rest}`);
    const other = operator === ':?' ? '' : interpolated(rest, env);
    return operator === ':+' ? (known === '' ? '' : other) : known === '' ? other : known;
  });
}

const read = async (file: string) => parse(await readFile(file, 'utf8'), { merge: true });

/** The compose file with what it includes in this environment. */
export async function composeIn(env: Environment) {
  const all = composeFile.parse(deep(await read('docker-compose.yml'), env));
  const { services, volumes } = included.parse(deep(await read(all.include[0]), env));
  return { ...all, services: { ...all.services, ...services }, volumes: { ...all.volumes, ...volumes } };
}

/** Every string of a file, interpolated. */
function deep(value: unknown, env: Environment): unknown {
  if (typeof value === 'string') return interpolated(value, env);
  if (Array.isArray(value)) return value.map((one) => deep(one, env));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deep(one, env)]));
}

export type Compose = Awaited<ReturnType<typeof composeIn>>;

export const publicUrl = 'https://news.example';

export const compose = await composeIn({ FLASHWIRE_PUBLIC_URL: publicUrl });
/** With FLASHWIRE_DOMAIN, nginx ends TLS too. */
export const composeWithDomain = await composeIn({ FLASHWIRE_DOMAIN: 'flash.example.org' });

/** The services that run Flashwire. */
export const rolesOf = ({ services }: Compose) =>
  Object.entries(services).filter(([, { image }]) => image.startsWith('flashwire'));
export const roles = rolesOf(compose);
