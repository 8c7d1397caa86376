import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPrivateFolder } from '../../../src/ops/relay/private-folder.ts';

let parent = '';
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'flashwire-private-'));
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

/** Another process that listens on the lock of a folder, as the one that made it does. */
async function holder(path: string): Promise<ChildProcess> {
  mkdirSync(path);
  const script = `require('node:net').createServer().listen(process.argv[1] + '/supervisor', () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', script, '--', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout ?? child, 'data');
  return child;
}

test('only this user can enter the folder, and it is removed', async () => {
  const folder = await openPrivateFolder(parent);
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  writeFileSync(join(folder.path, 'api'), '');
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});

test('folders that killed processes have left are removed, and no others', async () => {
  const [running, killed, young, old] = ['running', 'killed', 'young', 'old'].map((name) =>
    join(parent, `flashwire-all-${name}`),
  ) as [string, string, string, string];
  const children = [await holder(running), await holder(killed)];
  const ended = once(children[1] as ChildProcess, 'exit');
  children[1]?.kill('SIGKILL');
  await ended;
  for (const path of [young, old, join(parent, 'other')]) mkdirSync(path);
  const hourAgo = Date.now() / 1_000 - 3_600;
  utimesSync(old, hourAgo, hourAgo);
  writeFileSync(join(parent, 'flashwire-all-file'), '');
  const folder = await openPrivateFolder(parent);
  folder.remove();
  children[0]?.kill('SIGKILL');
  expect(readdirSync(parent).sort()).toEqual([
    'flashwire-all-file',
    'flashwire-all-running',
    'flashwire-all-young',
    'other',
  ]);
});

test.each([
  ['/proc', /^TMPDIR: cannot make a folder for sockets in \/proc \(\w+\); set it to a writable folder$/],
  [`/tmp/${'x'.repeat(90)}`, /^TMPDIR: \/tmp\/x+ is too long for the path of a socket; set it to a shorter one$/],
])('a folder in %s is refused with one line', async (at, line) => {
  await expect(openPrivateFolder(at)).rejects.toThrow(line);
});
