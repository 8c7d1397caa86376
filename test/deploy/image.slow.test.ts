import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** Whether .dockerignore leaves a path out: the last pattern that names it, or a folder above it, says so. */
function isLeftOut(path: string, patterns: readonly string[]): boolean {
  let out = false;
  for (const pattern of patterns) {
    const [, not, bare, below] = /^(!?)(.*?)(\/\*)?$/.exec(pattern) ?? [];
    if (path.startsWith(`${bare}/`) || (path === bare && !below)) out = !not;
  }
  return out;
}

test('the image builds from the Docker context, has no tests and no secrets, and needs its native part only on request', async () => {
  const patterns = (await readFile('.dockerignore', 'utf8')).split('\n').filter(Boolean);
  for (const path of [
    'secrets/redis-admin',
    '.flashwire/key',
    '.git/config',
    'node_modules/ws',
    'test',
    'torture',
    'docs/screenshots',
  ])
    expect(isLeftOut(path, patterns), path).toBe(true);
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-image-'));
  try {
    await cp('.', folder, { recursive: true, filter: (source) => !isLeftOut(relative('.', source), patterns) });
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    const build = "const { build } = await import('./scripts/build.mjs'); await build();";
    const built = spawnSync(process.execPath, ['--input-type=module', '-e', build], { cwd: folder, encoding: 'utf8' });
    expect(built.status, built.stderr).toBe(0);
    const usage = spawnSync(process.execPath, ['dist/src/main.js'], { cwd: folder, encoding: 'utf8' });
    expect(usage).toMatchObject({ status: 2, stderr: expect.stringContaining('usage: flashwire') });
    if (spawnSync('cc', ['--version']).status === 0)
      expect(existsSync(join(folder, 'dist/native/send-frames.node'))).toBe(true);
    await rm(join(folder, 'dist/native'), { recursive: true, force: true });
    for (const role of ['fanout', 'all']) {
      const env = {
        ...process.env,
        FLASHWIRE_NATIVE: 'require',
        LOG_LEVEL: 'silent',
        FLASHWIRE_METRICS_PORT: '0',
        PORT: '0',
      };
      const refused = spawnSync(process.execPath, ['dist/src/main.js', role], { cwd: folder, encoding: 'utf8', env });
      expect(refused).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^flashwire: FLASHWIRE_NATIVE: is require, but .*; .* \(the start stops\)\n$/),
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 300_000);
