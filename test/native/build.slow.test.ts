import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'flashwire-build-'));
afterAll(() => rmSync(folder, { recursive: true }));
const hasCompiler = spawnSync('cc', ['--version']).status === 0;

/** A compiler that notes its calls. */
function compilerThat(name: string, does: string): { readonly path: string; calls(): number } {
  const path = join(folder, name);
  const log = `${path}.log`;
  writeFileSync(path, `#!/bin/sh\necho called >> '${log}'\n${does}\n`, { mode: 0o755 });
  return { path, calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0) };
}

/** Builds the native part into a folder of its own; resolves with what the script says. */
function build(to: string, compiler: string | null): string {
  const args = [relative('.', join(folder, to)), compiler].map((value) => JSON.stringify(value)).join(', ');
  const code = `const { buildNative } = await import('./native/build.mjs'); await buildNative(${args});`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stderr;
}

describe.skipIf(process.platform !== 'linux')('the build of the native part', () => {
  test.skipIf(!hasCompiler)(
    'the native part is compiled again only when its source or the compiler has changed',
    () => {
      const compiler = compilerThat('works', 'exec cc "$@"');
      expect(build('whole', compiler.path)).toBe('');
      build('whole', compiler.path);
      expect(compiler.calls()).toBe(1);
      const file = join(folder, 'whole/send-frames.node');
      expect(statSync(file).size).toBeLessThan(100_000);
      const other = compilerThat('other', 'exec cc "$@"');
      build('whole', other.path);
      expect(other.calls()).toBe(1);
      writeFileSync(join(folder, 'whole/.stamp'), 'the hash of another source');
      build('whole', other.path);
      expect(other.calls()).toBe(2);
    },
  );

  test('a compiler that fails leaves no native part, and the next build tries again', () => {
    const compiler = compilerThat('fails', 'echo "no stdio.h" >&2; exit 1');
    for (const calls of [1, 2]) {
      expect(build('failed', compiler.path)).toMatch(/no stdio\.h\nflashwire: .*libc6-dev.*Node writes every frame/);
      expect(compiler.calls()).toBe(calls);
    }
    expect(existsSync(join(folder, 'failed/send-frames.node'))).toBe(false);
  });

  test('without a compiler the build says once that Node writes every frame', () => {
    expect(build('none', null)).toBe(
      'flashwire: no C compiler (cc): Node writes every frame, at about a sixth more CPU\n',
    );
    expect(build('none', null)).toBe('');
  });
});
