import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { parse } from 'yaml';
import { z } from 'zod';
import { freePort } from '../../bench/process/free-port.ts';
import { startNginx } from '../../bench/target/nginx.ts';
import { operationsOf } from '../../src/api/openapi/operations.ts';
import { variableNames } from '../../src/ops/config.ts';
import { serveFanout } from '../fanout/fanout-server.ts';
import { facets, MemoryLog } from '../fanout/memory-log.ts';
import { desk, startFlashwire, until } from '../resources/flashwire.ts';
import { startGuardedRedis } from '../resources/guarded-redis.ts';
import { ResourceStack } from '../resources/resource-stack.ts';
import { site } from '../resources/site.ts';

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

const compose = composeFile.parse(parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }));
const roles = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('flashwire'));

const publicUrl = 'https://news.example';

/** A value as Docker Compose reads it where FLASHWIRE_PUBLIC_URL is set. */
const interpolated = (value: string) => value.replace(/^\$\{FLASHWIRE_PUBLIC_URL:\?[^}]+\}$/, publicUrl);

/** Settings of deploy/redis.conf as arguments, without those that only fit a container. */
async function redisSettings(): Promise<readonly string[]> {
  const lines = (await readFile('deploy/redis.conf', 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines
    .filter((line) => !/^(bind|dir|aclfile) /.test(line))
    .flatMap((line) => {
      const [name = '', ...values] = line.split(' ');
      return [`--${name}`, ...(values[0] === '""' ? [''] : values)];
    });
}

test('the compose file restarts and checks every service, publishes no Redis, and names only variables that exist', () => {
  expect(Object.keys(compose.services).sort()).toEqual(['api', 'fanout-1', 'fanout-2', 'nginx', 'redis', 'worker']);
  expect(compose.services['redis']?.ports).toBeUndefined();
  for (const [name, { restart }] of Object.entries(compose.services)) expect(restart, name).toBe('unless-stopped');
  for (const [name, { environment = {}, healthcheck, stop_grace_period }] of roles) {
    expect(healthcheck.test.join(' '), name).toContain('/readyz');
    expect(Number.parseInt(stop_grace_period ?? '0', 10) * 1_000, name).toBeGreaterThan(
      Number(environment['FLASHWIRE_DRAIN_MS']),
    );
    for (const variable of Object.keys(environment))
      expect(variableNames, `${name}: ${variable}`).toContain(variable.replace(/_FILE$/, ''));
  }
});

test('every service of the compose file runs without rights, with a read-only file system and a memory limit', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    expect(service.cap_drop, name).toEqual(['ALL']);
    expect(service.cap_add ?? [], name).toEqual([]);
    expect(service.privileged ?? false, name).toBe(false);
    expect(service.security_opt, name).toEqual(['no-new-privileges:true']);
    expect(service.read_only, name).toBe(true);
    for (const mount of service.tmpfs) expect(mount, name).toMatch(/^\/tmp:size=\d+m$/);
    expect(service.mem_limit, name).toMatch(/^[1-9]\d*[mg]$/);
    // Without capabilities root cannot become anyone else, so an image that starts as root needs a user.
    if (!service.image.startsWith('flashwire')) expect(service.user, name).toMatch(/^(redis|nginx)$/);
    for (const volume of service.volumes ?? []) expect(volume, name).toMatch(/^redis-data:\/data$|:ro$/);
  }
});

test('each role of the compose file has the memory that a process needs', async () => {
  const [, smallest] = /at least (\d+) MB per process/.exec(await readFile('docs/deploy.md', 'utf8')) ?? [];
  const megabytes = (limit: string) => Number.parseInt(limit, 10) * (limit.endsWith('g') ? 1_024 : 1);
  for (const [name, { mem_limit }] of roles)
    expect(megabytes(mem_limit), name).toBeGreaterThanOrEqual(Number(smallest));
});

test('Redis is on an internal network without nginx', () => {
  const on = (network: string) =>
    Object.keys(compose.services).filter((name) => compose.services[name]?.networks.includes(network));
  expect(compose.services['redis']?.networks).toEqual(['redis']);
  expect(on('redis').sort()).toEqual(['api', 'fanout-1', 'fanout-2', 'redis', 'worker']);
  expect(on('public')).toEqual(['nginx']);
  expect(compose.networks).toEqual({ redis: { internal: true }, web: { internal: true }, public: {} });
});

test('the compose file does not start without FLASHWIRE_PUBLIC_URL', () => {
  for (const [name, { environment = {} }] of roles) {
    const value = environment['FLASHWIRE_PUBLIC_URL'] ?? '';
    expect(interpolated(value), `${name}: ${value}`).toBe(publicUrl);
  }
});

test('each role of the compose file has only the secrets of its Redis user, and the script creates them all', async () => {
  for (const [name, { command: [role] = [], environment = {}, secrets = [] }] of roles) {
    expect(environment['REDIS_URL_FILE'], name).toBe(`/run/secrets/redis-${role}`);
    expect(secrets.toSorted(), name).toEqual([...(role === 'api' ? ['bootstrap-key'] : []), `redis-${role}`]);
    expect(environment['FLASHWIRE_REDIS_CHECK'], name).toBe('refuse');
  }
  const [program, ...args] = compose.services['redis']?.healthcheck.test.slice(1) ?? [];
  await using redis = await startGuardedRedis();
  for (const { file } of Object.values(compose.secrets))
    expect((await readFile(join(redis.folder, basename(file)), 'utf8')).trim(), file).not.toBe('');
  const check = async (port: number) => {
    const child = spawn(program ?? '', ['-p', String(port), ...args], { stdio: 'ignore' });
    return (await once(child, 'exit'))[0] as number | null;
  };
  expect(await check(redis.port)).toBe(0);
  expect(await check(await freePort())).not.toBe(0);
});

test('the services of the compose file, as local processes behind its nginx, deliver an item to readers', async () => {
  await using redis = await startGuardedRedis(await redisSettings());
  await using stack = new ResourceStack();
  const ports: Record<string, number> = {};
  for (const [name, { command = [], environment = {} }] of roles) {
    const running = stack.use(
      await startFlashwire(command[0] ?? '', {
        ...Object.fromEntries(
          Object.entries(environment).map(([variable, value]) => [
            variable,
            interpolated(value).replace('/run/secrets', redis.folder), // what the script made, where the container finds it
          ]),
        ),
        FLASHWIRE_BOOTSTRAP_KEY: '',
        HOST: '127.0.0.1',
        PORT: '0',
        FLASHWIRE_DRAIN_MS: '0',
      }),
    );
    ports[name] = Number(new URL(running.url).port);
  }
  const admin = (await readFile(join(redis.folder, 'bootstrap-key'), 'utf8')).trim();
  const nginx = stack.use(await startNginx(ports));
  const url = `http://127.0.0.1:${nginx.port}`;

  const sockets: WebSocket[] = [];
  const received: number[] = [];
  const refused: string[] = [];
  stack.defer(() => {
    for (const socket of sockets) socket.terminate();
  });
  for (let n = 0; n < 500; n += 1) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/feed?edition=en`, {
      headers: { 'x-forwarded-for': `198.51.100.${n % 250}` },
    });
    socket.on('error', (error) => refused.push(error.message));
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as {
        readonly type: string;
        readonly item?: { readonly headline: string };
      };
      if (frame.type === 'snapshot') received[n] = 0;
      if (frame.item?.headline === 'Lighthouse lit again') received[n] = (received[n] ?? 0) + 1;
    });
    sockets.push(socket);
  }
  const countOf = (value: number) => received.filter((count) => count === value).length;
  await until(() => refused.length > 0 || countOf(0) === 500, 15_000, 'all 500 readers have a snapshot');
  expect(refused).toEqual([]);
  const { status, body } = await desk(
    url,
    'POST',
    '/v1/items',
    { edition: 'en', headline: 'Lighthouse lit again' },
    { prefer: 'wait=5', authorization: `Bearer ${admin}` },
  );
  expect(status, JSON.stringify(body)).toBe(201);
  await until(() => countOf(1) === 500, 10_000, 'all 500 readers have the item once');

  // A hundred who poll at one position: the cache in front asks once for all of them.
  const { epoch, seq } = (await (await fetch(`${url}/v1/feed.json?edition=en`)).json()) as {
    epoch: string;
    seq: number;
  };
  const busy = await nginx.waiting();
  const polls = Array.from({ length: 100 }, async () => {
    const response = await fetch(`${url}/v1/feed.poll?edition=en&since=${epoch}:${seq}`);
    return { cache: response.headers.get('x-cache'), text: await response.text() };
  });
  await until(async () => (await nginx.waiting()) >= busy + 100, 5_000, 'a hundred polls wait');
  await desk(url, 'POST', '/v1/items', { edition: 'en', headline: 'Fog lifts' }, { authorization: `Bearer ${admin}` });
  const answers = await Promise.all(polls);
  expect(answers.filter(({ text }) => text.includes('Fog lifts'))).toHaveLength(100);
  // The first asks; what was kept is old after a second, which a busy machine may need to wake the last of the others.
  expect(answers.filter(({ cache }) => cache === 'HIT').length).toBeGreaterThanOrEqual(90);
});

test('nginx requests a page of older items once a second, and a refused page takes no process out', async () => {
  const log = new MemoryLog();
  log.publish('a', facets());
  const answer = () => (request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(request.url?.startsWith('/live') ? 503 : 200).end();
    return true;
  };
  await using server = await serveFanout(log, {}, { pages: answer });
  await using nginx = await startNginx({ api: server.port, 'fanout-1': server.port, 'fanout-2': server.port });
  const get = (path: string) => fetch(`http://127.0.0.1:${nginx.port}/v1/${path}?edition=en`);
  const pages = await Promise.all(Array.from({ length: 20 }, () => get('feed/history')));
  expect(pages.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(pages.filter((page) => page.headers.get('x-cache') === 'MISS')).toHaveLength(1);
  log.isUnreachable = true;
  for (let n = 0; n < 10; n += 1) {
    const refused = await fetch(`http://127.0.0.1:${nginx.port}/v1/feed/history?edition=en&before=${n + 1}`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await fetch(`http://127.0.0.1:${nginx.port}/live/en?before=${n + 1}`)).status).toBe(503);
  }
  expect((await get('feed.json')).status).toBe(200);
});

test('nginx sends everything of the desk to the api, and nothing of the readers', async () => {
  const block = /location ~ (\^\/\(desk.*) \{/.exec(await readFile('deploy/nginx.conf', 'utf8'))?.[1] ?? '';
  const isOfTheDesk = (path: string) => new RegExp(block).test(path);
  for (const { path } of operationsOf(site)) expect(isOfTheDesk(path), path).toBe(true);
  for (const path of ['/desk', '/desk.js', '/desk/api', '/v1/test/items']) expect(isOfTheDesk(path), path).toBe(true);
  for (const path of ['/', '/v1/feed', '/v1/feed/items/x', '/v1/painted', '/live/en', '/desktop'])
    expect(isOfTheDesk(path), path).toBe(false);
});
