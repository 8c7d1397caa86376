import { z } from 'zod';
import { parseConfig, variableNames } from '../../src/ops/config.ts';
import { processRoles } from '../../src/wiring/roles/process.ts';
import type { Code } from './code-facts.ts';

const duration = z.string().regex(/^\d+[smh]$/);
const condition = z.strictObject({ condition: z.literal('service_healthy') });
const limits = z.strictObject({ soft: z.number(), hard: z.number() });

/** As much of Compose as the files use. Another field is refused: Compose would ignore it, or do what no rule has looked at. */
const service = z.strictObject({
  build: z.literal('.').optional(),
  cap_drop: z.array(z.string()).default([]),
  command: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), condition).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z
    .strictObject({
      test: z.array(z.string()),
      interval: duration,
      timeout: duration,
      retries: z.int(),
      start_period: duration.optional(),
    })
    .optional(),
  image: z.string(),
  mem_limit: z.string().optional(),
  networks: z.array(z.string()),
  ports: z.array(z.string().regex(/^\d+:\d+$/)).optional(),
  read_only: z.boolean().optional(),
  restart: z.string().optional(),
  secrets: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  stop_grace_period: duration.optional(),
  tmpfs: z.array(z.string().regex(/^\/tmp:size=\d+m$/)).default([]),
  ulimits: z.strictObject({ nofile: limits }).optional(),
  user: z.string().optional(),
  volumes: z.array(z.string()).default([]),
});

const composeFile = z.strictObject({
  include: z.array(z.string()).default([]),
  name: z.literal('flashwire').optional(),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })).default({}),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })).default({}),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()).default({}),
});

type Service = z.infer<typeof service>;
type ComposeFile = z.infer<typeof composeFile>;

/** What is wrong with a compose file: its fields, and where it does not agree with the code. `base` has what an included file shares. */
export function composeFaults(
  parsed: Readonly<Record<string, unknown>>,
  code: Code,
  base?: unknown,
): readonly string[] {
  const fields = Object.fromEntries(Object.entries(parsed).filter(([name]) => !name.startsWith('x-')));
  const result = composeFile.safeParse(fields);
  if (!result.success) return result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const file = result.data;
  const shared = composeFile
    .partial()
    .loose()
    .parse(base ?? {});
  const known = { networks: { ...shared.networks, ...file.networks }, secrets: { ...shared.secrets, ...file.secrets } };
  return Object.entries(file.services).flatMap(([name, one]) =>
    [
      ...runFaults(one, known),
      ...hardeningFaults(one, Object.keys(file.volumes)),
      ...(one.image.startsWith('flashwire:') ? roleFaults(one, code) : []),
    ].map((fault) => `${name}: ${fault}`),
  );
}

const when = (isWrong: boolean, fault: string) => (isWrong ? [fault] : []);

function runFaults(one: Service, { networks, secrets }: Pick<ComposeFile, 'networks' | 'secrets'>): readonly string[] {
  const isInside = one.networks.every((network) => networks[network]?.internal);
  return [
    ...when(one.restart !== 'unless-stopped', 'does not restart'),
    ...when(one.healthcheck === undefined, 'has no health check'),
    ...when(!/:v?\d+(\.\d+)+/.test(one.image), `image ${one.image} has no exact tag`),
    ...one.networks.filter((network) => !(network in networks)).map((network) => `no network ${network} exists`),
    ...one.secrets.filter((secret) => !(secret in secrets)).map((secret) => `no secret ${secret} exists`),
    ...when(one.ports !== undefined && isInside, 'publishes a port from an internal network'),
  ];
}

function hardeningFaults(one: Service, volumes: readonly string[]): readonly string[] {
  const mayWrite = new Set(volumes);
  return [
    ...when(one.cap_drop[0] !== 'ALL', 'has capabilities'),
    ...when(!one.security_opt.includes('no-new-privileges:true'), 'may gain privileges'),
    ...when(one.read_only !== true, 'can write its root file system'),
    ...when(!/^[1-9]\d*[mg]$/.test(one.mem_limit ?? ''), 'has no memory limit'),
    ...one.volumes
      .filter((volume) => !volume.endsWith(':ro') && !mayWrite.has(volume.split(':')[0] ?? ''))
      .map((volume) => `can write ${volume} of the host`),
  ];
}

function roleFaults(one: Service, { version, answers, leastMegabytes, secrets }: Code): readonly string[] {
  const { command: [role] = [], environment, stop_grace_period: grace = '10s', mem_limit: limit = '' } = one;
  const [, port, path = ''] = /127\.0\.0\.1:(\d+)(\/\w*)/.exec(one.healthcheck?.test.join(' ') ?? '') ?? [];
  const allowed = [`redis-${role}`, ...(role === 'api' ? ['bootstrap-key'] : [])].filter((name) =>
    secrets.includes(name),
  );
  const plain = Object.entries(environment).filter(([name, value]) => !name.endsWith('_FILE') && !value.includes('${'));
  const files = Object.entries(environment).filter(([name]) => name.endsWith('_FILE'));
  const drainSeconds = Number(environment['FLASHWIRE_DRAIN_MS'] ?? parseConfig({}).FLASHWIRE_DRAIN_MS) / 1_000;
  return [
    ...when(one.image.split(':')[1] !== version, `image ${one.image} is not of version ${version}`),
    ...when(!processRoles.some((name) => name === role), `${role} is no role`),
    ...when(answers.get(path)?.[1] !== 503, `its health check asks ${path}, which does not say whether it is ready`),
    ...when(port !== environment['PORT'], `its health check asks port ${port}`),
    ...when(
      Number.parseInt(grace, 10) < drainSeconds + 20,
      `its grace period of ${grace} is shorter than the drain and 20 s`,
    ),
    ...when(
      Number.parseInt(limit, 10) * (limit.endsWith('g') ? 1_024 : 1) < leastMegabytes,
      `its memory limit is below ${leastMegabytes} MB`,
    ),
    ...Object.keys(environment)
      .map((name) => name.replace(/_FILE$/, ''))
      .filter((name) => !variableNames.some((known) => known === name))
      .map((name) => `no variable ${name} exists`),
    ...whyRefused(Object.fromEntries(plain)),
    ...files
      .filter(([, value]) => !one.secrets.some((secret) => value === `/run/secrets/${secret}`))
      .map(([name, value]) => `${name}: no secret is at ${value}`),
    ...one.secrets
      .filter((secret) => !allowed.includes(secret))
      .map((secret) => `has the secret ${secret} of another role`),
    ...when(!('REDIS_URL_FILE' in environment), 'has no REDIS_URL_FILE'),
  ];
}

function whyRefused(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    parseConfig(environment);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
