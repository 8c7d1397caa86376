import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BenchError } from './bench-error.ts';

/** A program that was compiled for this run; goes away with it. */
export interface NativeProgram extends AsyncDisposable {
  readonly path: string;
}

/** The build leaves C where it is; tests run from the sources. */
const sources = import.meta.url.endsWith('.ts') ? '../native/' : '../../../bench/native/';

/** Compiles bench/native/<name>.c for this machine, in a folder of its own. */
export async function compileNative(name: string): Promise<NativeProgram> {
  const source = fileURLToPath(new URL(`${sources}${name}.c`, import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-native-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const path = join(folder, name);
  try {
    await promisify(execFile)('cc', ['-O2', '-o', path, source]);
  } catch (cause) {
    remove();
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new BenchError(
      isMissing
        ? `this scenario compiles bench/native/${name}.c and there is no C compiler: install one that is called cc (Debian: apt install gcc libc6-dev)`
        : `cc cannot compile bench/native/${name}.c: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      remove();
      process.off('exit', remove);
    },
  };
}
