import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../bench/process/free-port.ts';
import { until } from '../resources/flashwire.ts';
import { startRedis } from '../resources/redis-server.ts';
import { listenTo, type Spoken, start } from './npm-start.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flashwire-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  ['PORT', 'tcp://10.0.0.1:80', 'PORT: must be a whole number from 1 to 65535 (it is "tcp://10.0.0.1:80")'],
  ['PORT', '0', 'PORT: must be a whole number from 1 to 65535 (it is "0")'],
])('npm start with %s=%s ends with one line', async (name, value, line) => {
  const { child, ended, said } = await start(folder, { PORT: String(await freePort()), [name]: value });
  await ended;
  expect(said()).toBe(`flashwire: ${line}\n`);
  expect(child.exitCode).toBe(1);
});

test.each([
  [
    'FLASHWIRE_DATA_DIR',
    `${import.meta.filename}`,
    /^FLASHWIRE_DATA_DIR: cannot write in .+ \(EEXIST\); set it to a folder/,
  ],
  ['PORT_FILE', '/nowhere', /^PORT_FILE: cannot read \/nowhere \(ENOENT\)$/],
])('npm start with a %s that cannot be used ends with one line', async (name, value, line) => {
  const { child, ended, said } = await start(folder, { [name]: value });
  await ended;
  expect(said().split('\n')).toEqual([expect.stringMatching(/^flashwire: /), '']);
  expect(said().slice('flashwire: '.length, -1)).toMatch(line);
  expect(child.exitCode).toBe(1);
});

test.each([
  ['::', '::1', 'http://[::1]'],
  ['0.0.0.0', '127.0.0.1', 'http://127.0.0.1'],
  ['::1', '::1', 'http://[::1]'],
  ['0:0:0:0:0:0:0:0', '::1', 'http://[::1]'],
  ['127.0.0.2', '127.0.0.2', 'http://127.0.0.2'],
  ['localhost', 'localhost', 'http://localhost'],
])('a server on %s is reached at %s', async (host, reached, origin) => {
  const address = await import(new URL('../../scripts/listen-address.mjs', import.meta.url).href);
  const server = createServer((request, response) => response.writeHead(request.url === '/readyz' ? 200 : 404).end());
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(address.reachable(host)).toBe(reached);
  expect(address.originOf(host, port)).toBe(`${origin}:${port}`);
  expect(await address.isReady(host, port)).toBe(true);
  server.close();
});

/** Locks the folder and holds it until it is killed; its first line is `locked`, or why not. */
function holder(data: string): Spoken {
  const script = `import('./scripts/data-folder.mjs').then(({ lockFolder }) => lockFolder(process.argv[1])).then(
    () => { console.log('locked'); setInterval(() => {}, 1_000); }, (error) => console.log(error.message))`;
  return listenTo(spawn(process.execPath, ['-e', script, '--', data]));
}

async function outcomeOf({ child, said }: Spoken): Promise<string> {
  await until(() => said().includes('\n'), 10_000, 'it has an answer');
  child.kill('SIGKILL');
  return said().trim();
}

test('one process locks the data folder until it ends', async () => {
  const data = join(folder, 'deep'.repeat(20), 'deeper'.repeat(20));
  await mkdir(data, { recursive: true });
  const first = holder(data);
  await until(() => first.said().includes('locked'), 10_000, 'the first has it');
  expect(await outcomeOf(holder(data))).toBe(
    `already running on ${data} as pid ${first.child.pid}; stop that one first, or set FLASHWIRE_DATA_DIR to another folder.`,
  );
  first.child.kill('SIGKILL');
  await first.ended;
  expect(await readFile(join(data, 'pid'), 'utf8')).toBe(String(first.child.pid));
  expect(await outcomeOf(holder(data))).toBe('locked');
});

test('a stale process id does not lock the folder, even if another process has that id', async () => {
  const data = await mkdtemp(join(folder, 'left-'));
  await writeFile(join(data, 'pid'), String(process.pid));
  expect(await outcomeOf(holder(data))).toBe('locked');
  const own = `require('node:fs').writeFileSync(process.argv[1] + '/pid', String(process.pid));
    import('./scripts/data-folder.mjs').then(({ lockFolder }) => lockFolder(process.argv[1])).then(
      () => console.log('locked'), (error) => console.log(error.message))`;
  const other = await mkdtemp(join(folder, 'own-'));
  expect(await outcomeOf(listenTo(spawn(process.execPath, ['-e', own, '--', other])))).toBe('locked');
});

test('a running start of 0.2.0, which writes a process id only, keeps its folder locked', async () => {
  const data = await mkdtemp(join(folder, 'old-'));
  const script = join(data, 'start.mjs');
  await writeFile(script, 'console.log(1); setInterval(() => {}, 1_000);');
  const old = listenTo(spawn(process.execPath, [script]));
  await until(() => old.said() !== '', 10_000, 'it runs');
  await writeFile(join(data, 'pid'), String(old.child.pid));
  expect(await outcomeOf(holder(data))).toContain(`already running on ${data} as pid ${old.child.pid}`);
  old.child.kill('SIGKILL');
});

test('a Redis that outlived its launcher is recognized by its folder', async () => {
  const { isRedisOf } = await import(new URL('../../scripts/private-redis.mjs', import.meta.url).href);
  const data = await mkdtemp(join(folder, 'redis-'));
  const port = await freePort();
  {
    await using redis = await startRedis(['--save', '', '--appendonly', 'no'], { port, dir: data });
    expect(await isRedisOf(redis.url, data)).toBe(true);
    expect(await isRedisOf(redis.url, folder)).toBe(false);
  }
  expect(await isRedisOf(`redis://127.0.0.1:${port}`, data)).toBe(false);
});
