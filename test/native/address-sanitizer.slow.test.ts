import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'flashwire-asan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const source = readFileSync('native/send-frames.c', 'utf8');
const libraries = ['libasan.so', 'libubsan.so'].map(
  (name) => spawnSync('cc', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout?.trim() ?? '',
);
const isHere = process.platform === 'linux' && libraries.every((file) => file.startsWith('/') && existsSync(file));

/** Compiles a source with both sanitizers and every warning as an error, and runs the exercise with it. */
function exercise(name: string, text: string) {
  const [input, output] = [join(folder, `${name}.c`), join(folder, `${name}.node`)];
  writeFileSync(input, text);
  const flags = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fPIC', '-shared'];
  const built = spawnSync(
    'cc',
    [
      ...flags,
      ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-DNAPI_VERSION=8'],
      ...['-isystem', 'node_modules/node-api-headers/include', '-o', output, input],
    ],
    { encoding: 'utf8' },
  );
  expect(built.status, built.stderr).toBe(0);
  return spawnSync(process.execPath, ['test/native/exercise.mjs', output], {
    encoding: 'utf8',
    // V8 leaks on purpose when it exits.
    env: { ...process.env, LD_PRELOAD: libraries.join(':'), ASAN_OPTIONS: 'detect_leaks=0' },
  });
}

const why = isHere ? '' : ' (skipped: cc or its sanitizers are missing)';

describe.skipIf(!isHere)(`the native part under the sanitizers of the compiler${why}`, () => {
  test('the sanitizers find no fault in 20,000 calls with arguments of every kind', () => {
    const { status, stdout, stderr } = exercise('whole', source);
    expect(status, stderr).toBe(0);
    const { called, refused } = JSON.parse(stdout) as { readonly called: number; readonly refused: number };
    expect(called).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(5_000);
  });

  test('the sanitizers find a check that is left out', () => {
    const { status, stderr } = exercise('faulty', source.replace('*length < least', '*length + 64 < least'));
    expect(status).not.toBe(0);
    expect(stderr).toContain('heap-buffer-overflow');
  });
});
