import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const service = z.object({
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }),
  secrets: z.array(z.string()).optional(),
  user: z.string().optional(),
  image: z.string().regex(/:\d/, 'must have a pinned tag'),
  ports: z.array(z.string()).optional(),
  networks: z.array(z.string()),
});
/** What the tests use; compose-rules.ts looks at every field. */
const composeFile = z.object({
  networks: z.record(z.string(), z.object({ internal: z.boolean().optional() })),
  services: z.record(z.string(), service),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

export const compose = composeFile.parse(parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }));
/** The services that run Flashwire. */
export const roles = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('flashwire'));

export const publicUrl = 'https://news.example';

/** A value as Docker Compose reads it where FLASHWIRE_PUBLIC_URL is set. */
export const interpolated = (value: string) => value.replace(/^\$\{FLASHWIRE_PUBLIC_URL:\?[^}]+\}$/, publicUrl);
