import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { parse } from 'yaml';
import { z } from 'zod';
import { operationsOf } from '../../src/desk/openapi-operations.ts';
import { variableNames } from '../../src/ops/config.ts';
import { testSite } from '../desk/test-site.ts';
import { startRedis } from '../redis-server.ts';
import { desk, startFlashwire, testKey, until } from '../resources/flashwire.ts';
import { ResourceStack } from '../resources/resource-stack.ts';
import { startNginx } from './nginx.ts';

const service = z.object({
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }),
  restart: z.string(),
  stop_grace_period: z.string().optional(),
  image: z.string().regex(/:\d/, 'must have a pinned tag'),
  ports: z.array(z.string()).optional(),
});
const composeFile = z.object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.unknown()) });

const compose = composeFile.parse(parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }));
const roles = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('flashwire'));

/** Settings of deploy/redis.conf as arguments, without those that only fit a container. */
async function redisSettings(): Promise<readonly string[]> {
  const lines = (await readFile('deploy/redis.conf', 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines
    .filter((line) => !/^(bind|dir|protected-mode) /.test(line))
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

test('the services of the compose file, as local processes behind its nginx, take an item and give it to readers', async () => {
  await using redis = await startRedis(await redisSettings());
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-secrets-'));
  const secret = join(folder, 'bootstrap-key');
  await writeFile(secret, `${testKey}\n`, { mode: 0o600 });
  await using stack = new ResourceStack();
  stack.defer(() => rm(folder, { recursive: true }));
  const ports: Record<string, number> = {};
  for (const [name, { command = [], environment = {} }] of roles) {
    const key =
      environment['FLASHWIRE_BOOTSTRAP_KEY_FILE'] === undefined ? {} : { FLASHWIRE_BOOTSTRAP_KEY_FILE: secret };
    const running = stack.use(
      await startFlashwire(command[0] ?? '', {
        ...environment,
        ...key,
        FLASHWIRE_BOOTSTRAP_KEY: '',
        HOST: '127.0.0.1',
        PORT: '0',
        REDIS_URL: redis.url,
        FLASHWIRE_DRAIN_MS: '0',
      }),
    );
    ports[name] = Number(new URL(running.url).port);
  }
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
    { prefer: 'wait=5' },
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
  await desk(url, 'POST', '/v1/items', { edition: 'en', headline: 'Fog lifts' }, { prefer: 'wait=5' });
  const answers = await Promise.all(polls);
  expect(answers.filter(({ text }) => text.includes('Fog lifts'))).toHaveLength(100);
  expect(answers.filter(({ cache }) => cache === 'HIT').length).toBeGreaterThanOrEqual(98);
});

test('nginx sends everything of the desk to the api, and nothing of the readers', async () => {
  const block = /location ~ (\^\/\(desk.*) \{/.exec(await readFile('deploy/nginx.conf', 'utf8'))?.[1] ?? '';
  const isOfTheDesk = (path: string) => new RegExp(block).test(path);
  for (const { path } of operationsOf(testSite)) expect(isOfTheDesk(path), path).toBe(true);
  for (const path of ['/desk', '/desk.js', '/desk/api', '/v1/test/items']) expect(isOfTheDesk(path), path).toBe(true);
  for (const path of ['/', '/v1/feed', '/v1/feed/items/x', '/v1/painted', '/live/en', '/desktop'])
    expect(isOfTheDesk(path), path).toBe(false);
});
