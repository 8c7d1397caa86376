import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const service = z.object({
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }),
  restart: z.string(),
  secrets: z.array(z.string()).optional(),
  user: z.string().optional(),
  stop_grace_period: z.string().optional(),
  image: z.string().regex(/:\d/, 'must have a pinned tag'),
  ports: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()),
  cap_add: z.array(z.string()).optional(),
  privileged: z.boolean().optional(),
  security_opt: z.array(z.string()),
  read_only: z.boolean(),
  tmpfs: z.array(z.string()),
  volumes: z.array(z.string()).optional(),
  mem_limit: z.string(),
  networks: z.array(z.string()),
});
const composeFile = z.object({
  networks: z.record(z.string(), z.object({ internal: z.boolean().optional() })),
  services: z.record(z.string(), service),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
  volumes: z.record(z.string(), z.unknown()),
});

export const compose = composeFile.parse(parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }));
/** The services that run Flashwire. */
export const roles = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('flashwire'));

export const publicUrl = 'https://news.example';

/** A value as Docker Compose reads it where FLASHWIRE_PUBLIC_URL is set. */
export const interpolated = (value: string) => value.replace(/^\$\{FLASHWIRE_PUBLIC_URL:\?[^}]+\}$/, publicUrl);
