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
import { type Compose, compose, composeIn, composeWithDomain, publicUrl, roles, rolesOf } from './compose-file.ts';

const ways: readonly (readonly [string, Compose])[] = [
  ['a public URL', compose],
  ['a domain', composeWithDomain],
];

test.each(ways)(
  'with %s the compose file has the services of one host, and publishes no Redis',
  (_way, { services }) => {
    expect(services['redis']?.ports).toBeUndefined();
    const expected = ['api', 'fanout-1', 'fanout-2', 'nginx', 'redis', 'worker'];
    expect(
      Object.keys(services)
        .filter((name) => name !== 'certbot')
        .sort(),
    ).toEqual(expected);
    // Without capabilities root cannot become anyone else, so an image that starts as root needs a user. Certbot stays root.
    for (const [name, { image, user }] of Object.entries(services))
      if (!image.startsWith('flashwire') && name !== 'certbot') expect(user, name).toMatch(/^(redis|nginx)$/);
  },
);

test('without a domain nginx serves HTTP on 8080, with one HTTPS and a redirect, and certbot renews', async () => {
  const portsOf = (file: Compose) =>
    Object.entries(file.services).flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
  expect(portsOf(compose)).toEqual(['nginx 8080:8080']);
  expect(portsOf(composeWithDomain)).toEqual(['nginx 80:8081', 'nginx 443:8443']);
  expect(Object.keys(compose.services)).not.toContain('certbot');
  const { nginx, certbot } = composeWithDomain.services;
  for (const [mounts, file] of [
    [nginx?.volumes, nginx?.command?.at(-1)],
    [certbot?.volumes, certbot?.entrypoint?.at(-1)],
  ] as const) {
    const folder = mounts?.find((mount) => mount.startsWith('./https:'))?.split(':')[1] ?? '?';
    expect(file, 'a script of deploy/https').toMatch(new RegExp(`^${folder}/`));
    await readFile(`deploy/https/${file?.slice(folder.length + 1)}`, 'utf8');
  }
  // The authority asks nginx, so certbot waits for it.
  expect(certbot?.depends_on).toEqual({ nginx: { condition: 'service_healthy' } });
  expect(Object.keys(composeWithDomain.volumes).sort()).toEqual(['certificates', 'redis-data']);
});

test('Redis is on an internal network without nginx', () => {
  const on = (network: string) =>
    Object.keys(compose.services).filter((name) => compose.services[name]?.networks.includes(network));
  expect(compose.services['redis']?.networks).toEqual(['redis']);
  expect(on('redis').sort()).toEqual(['api', 'fanout-1', 'fanout-2', 'redis', 'worker']);
  expect(on('public')).toEqual(['nginx']);
  expect(composeWithDomain.services['certbot']?.networks).toEqual(['public']);
  expect(compose.networks).toEqual({ redis: { internal: true }, web: { internal: true }, public: {} });
});

test('the compose file does not start without a domain or a public URL, and the domain decides', async () => {
  await expect(composeIn({})).rejects.toThrow(/FLASHWIRE_PUBLIC_URL.*set FLASHWIRE_DOMAIN/);
  await expect(composeIn({ FLASHWIRE_DOMAIN: '' })).rejects.toThrow(/FLASHWIRE_PUBLIC_URL/);
  const both = await composeIn({
    FLASHWIRE_DOMAIN: 'flash.example.org',
    FLASHWIRE_PUBLIC_URL: 'http://192.0.2.1:8080',
  });
  for (const [file, address] of [
    [compose, publicUrl],
    [composeWithDomain, 'https://flash.example.org'],
    [both, 'https://flash.example.org'],
  ] as const)
    for (const [name, { environment = {} }] of rolesOf(file))
      expect(environment['FLASHWIRE_PUBLIC_URL'], name).toBe(address);
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
