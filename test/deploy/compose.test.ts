import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../bench/process/free-port.ts';
import { startNginx } from '../../bench/target/nginx.ts';
import { operationsOf } from '../../src/api/openapi/operations.ts';
import { serveFanout } from '../resources/fanout-server.ts';
import { startGuardedRedis } from '../resources/guarded-redis.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';
import { site } from '../resources/site.ts';
import { compose, interpolated, publicUrl, roles } from './compose-file.ts';

test('the compose file has the services of one host, and publishes no Redis', () => {
  expect(Object.keys(compose.services).sort()).toEqual(['api', 'fanout-1', 'fanout-2', 'nginx', 'redis', 'worker']);
  expect(compose.services['redis']?.ports).toBeUndefined();
});

test('every other image than that of Flashwire runs as a user of its own', () => {
  // Without capabilities root cannot become anyone else, so an image that starts as root needs a user.
  for (const [name, { image, user }] of Object.entries(compose.services))
    if (!image.startsWith('flashwire')) expect(user, name).toMatch(/^(redis|nginx)$/);
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
  for (const path of [
    '/desk',
    '/desk.js',
    '/desk.preview',
    '/desk.ticker.js',
    '/desk/en',
    '/desk/api',
    '/v1/test/items',
  ])
    expect(isOfTheDesk(path), path).toBe(true);
  for (const path of ['/', '/v1/feed', '/v1/feed/items/x', '/v1/painted', '/live/en', '/desktop'])
    expect(isOfTheDesk(path), path).toBe(false);
});
