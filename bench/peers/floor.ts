import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BenchError } from '../bench-error.ts';
import type { Peer } from './peer.ts';
import { findProgram, startProgram } from './program.ts';

const source = fileURLToPath(new URL('../../../bench/native/floor.c', import.meta.url));

/** A loop of send() in C: no server that makes one system call a frame can cost less. */
export const floor = floorPeer('floor', 'C loop of send(): the floor', []);

/** The same, sending each reader all it lacks in one call. */
export const coalescingFloor = floorPeer('floor-coalesce', 'C, one send() a wake-up', ['--coalesce']);

function floorPeer(name: string, label: string, flags: readonly string[]): Peer {
  return {
    name,
    label,
    missing: () => (findProgram('cc') === null ? 'a C compiler (cc)' : null),
    async start(options) {
      const program = join(options.folder, 'floor');
      await compile(program);
      return startProgram(
        { name, command: program, args: (port) => [String(port), ...flags], path: '/', dialect: 'plain' },
        options,
      );
    },
  };
}

async function compile(program: string): Promise<void> {
  try {
    await promisify(execFile)('cc', ['-O2', '-o', program, source], { timeout: 30_000 });
  } catch (cause) {
    throw new BenchError(`bench/native/floor.c cannot be compiled: ${String(cause).slice(0, 500)}`, { cause });
  }
}
