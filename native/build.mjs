import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { find } from '../scripts/machine.mjs';
import { hashOf, root, run, Stop, say, unlessDone } from '../scripts/step.mjs';

const headers = 'node_modules/node-api-headers/include';

/** Warnings are no errors: next year's compiler has new ones. */
const flags = [
  ...['-std=gnu11', '-O2', '-Wall', '-Wextra', '-fPIC', '-shared', '-fvisibility=hidden'],
  ...['-fstack-protector-strong', '-D_FORTIFY_SOURCE=2', '-DNAPI_VERSION=8', '-Wl,-z,relro,-z,now', '-I', headers],
];

/**
 * Compiles the native part into `folder` when its source has changed: on Linux, with the C compiler that is called `cc`. Any other
 * machine runs without it, and so does one whose compiler fails. Node then writes every frame.
 * @param {string} [folder]
 * @param {string | null} [compiler]
 */
export async function buildNative(folder = 'dist/native', compiler = find('cc') ?? null) {
  if (process.platform !== 'linux') return;
  const program = join(root, folder, 'send-frames.node');
  const hash = `${hashOf(['native', headers])} ${process.arch} ${compiler ?? 'no cc'}`;
  try {
    await unlessDone(join(folder, '.stamp'), hash, async () => {
      await rm(program, { force: true });
      if (compiler) await compile(compiler, program);
      else say('no C compiler (cc): Node writes every frame, at about a sixth more CPU');
    });
  } catch (error) {
    // No stamp, so the next build tries again. The compiler has said why.
    if (!(error instanceof Stop)) throw error;
    say(`${error.message} Until then Node writes every frame, at about a sixth more CPU`);
  }
}

/**
 * @param {string} compiler
 * @param {string} program
 */
async function compile(compiler, program) {
  await mkdir(join(program, '..'), { recursive: true });
  // A process that has loaded the old file keeps it, and no process loads half of the new one.
  const unfinished = `${program}.${process.pid}`;
  try {
    await run(compiler, [...flags, '-o', unfinished, 'native/send-frames.c'], {
      hint: 'On Debian or Ubuntu it needs libc6-dev.',
    });
    await rename(unfinished, program);
  } finally {
    await rm(unfinished, { force: true });
  }
}
