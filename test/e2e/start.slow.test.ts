import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../bench/process/free-port.ts';
import { until } from '../resources/flashwire.ts';
import { listenTo, start } from './npm-start.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flashwire-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('npm start with HOST=:: becomes ready and prints its addresses and a command for posting', async () => {
  const port = await freePort();
  const data = await mkdtemp(join(folder, `it's "my" $(data)-`));
  const { child, ended, said } = await start(folder, { HOST: '::', PORT: String(port), FLASHWIRE_DATA_DIR: data });
  try {
    await until(() => said().includes('ticker') || child.exitCode !== null, 40_000, 'it is ready');
    expect(said()).toContain(`ticker  http://[::1]:${port}/\n`);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    await until(() => /^post .*\n/m.test(said()), 5_000, 'the command is printed');
    const command = /^post +(curl .*)$/m.exec(said())?.[1] ?? '';
    const shell = listenTo(spawn('sh', ['-c', `${command} -s -o /dev/null -w '%{http_code}'`]));
    await shell.ended;
    expect(shell.said(), command).toBe('201');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
});

test('npm start on an address of another machine ends with one line', async () => {
  const { child, ended, said } = await start(folder, { PORT: String(await freePort()), HOST: '203.0.113.1' });
  await ended;
  expect(said()).toBe(
    'flashwire: HOST: cannot listen on 203.0.113.1 (EADDRNOTAVAIL); set HOST to an address of this machine\n',
  );
  expect(child.exitCode).toBe(1);
});
