import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Ends by itself, or is ended: what goes on has not refused. */
function run(...argv: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', REDIS_URL: 'redis://127.0.0.1:1', FLASHWIRE_INSTALL: 'never' };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...argv], { env, timeout: 60_000 }, (_, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

const roles = ['fanout', 'api', 'worker', 'all', 'edge'].map((role) => ['dist/src/main.js', role]);
const scripts = [
  'start',
  'demo',
  'test',
  'build',
  'build-sdk',
  'build-browser',
  'release',
  'sbom',
  'screenshots',
  'redis-users',
  'sdk-api',
].map((name) => [`scripts/${name}.mjs`]);
const tools = [['dist/bench/main.js'], ['dist/torture/main.js']];
const all = [['dist/src/main.js'], ...roles, ...scripts, ...tools].map((argv) => [argv.join(' '), argv] as const);

test.each(all)(
  '%s answers --help, -h and --version, and refuses an option that there is not with one line',
  async (_, argv) => {
    const [long, short, versioned, wrong] = await Promise.all(
      ['--help', '-h', '--version', '--no-such-option'].map((option) => run(...argv, option)),
    );
    expect(long).toEqual({
      code: 0,
      out: expect.stringMatching(/flashwire|npm run|npm start|npm test|node scripts/),
      err: '',
    });
    expect(short).toEqual(long);
    expect(versioned).toEqual({ code: 0, out: `${version}\n`, err: '' });
    expect(wrong).toEqual({ code: 2, out: '', err: expect.stringMatching(/^[^\n]+\n$/) });
  },
);

test.each([
  ...roles.map((argv) => [...argv, 'fanout']),
  ...['start', 'demo', 'build', 'release', 'sbom', 'redis-users'].map((name) => [`scripts/${name}.mjs`, 'extra']),
  ['scripts/screenshots.mjs', 'http://127.0.0.1:1', 'key', 'desk', 'extra'],
  ['scripts/demo.mjs', '--stills'],
  ['scripts/redis-users.mjs', '--out='],
  ['scripts/redis-users.mjs', '--database', 'one'],
  ['dist/src/main.js'],
  ['dist/src/main.js', 'shout'],
  ['dist/bench/main.js', 'nosuch'],
  ['dist/bench/main.js', 'fan-out', 'extra'],
  ['dist/bench/main.js', 'fan-out', '--readers', 'many'],
  ['dist/bench/main.js', 'fan-out', '--readers', ' '],
  ['dist/bench/main.js', 'results', 'extra'],
  ['dist/torture/main.js', 'extra'],
  ['dist/torture/main.js', '--seed', ''],
  ['dist/torture/main.js', '--crowd', 'many'],
  ['dist/torture/main.js', '--fault', 'none of them'],
])('%s %s %s %s ends with 2 and one line', async (...argv) => {
  expect(await run(...argv.filter((one) => one !== undefined))).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(/^[^\n]+\n$/),
  });
});

test.each(['plain', 'a folder', 'it’s "$(x)" `y`', "it's"])(
  'a shell reads the folder %j back as it is',
  async (name) => {
    const { shellWord } = await import(new URL('../../scripts/step.mjs', import.meta.url).href);
    const folder = mkdtempSync(join(tmpdir(), 'flashwire-word-'));
    const path = join(folder, name);
    expect(spawnSync('sh', ['-c', `printf %s "Bearer $(printf %s ${shellWord(path)})"`]).stdout.toString()).toBe(
      `Bearer ${path}`,
    );
    rmSync(folder, { recursive: true });
  },
);
