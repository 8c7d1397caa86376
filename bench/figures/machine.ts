import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { projectFolder } from '../process/project.ts';

export type Machine = Readonly<Record<string, string | number>>;

/** What a figure has to be read with. "unknown" where this machine cannot say. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    kernel: release(),
    commit: commit(),
    flashwire: versionOf(''),
    ws: versionOf('node_modules/ws'),
    ioredis: versionOf('node_modules/ioredis'),
    redis: /v=(\S+)/.exec(answerOf('redis-server', ['--version']) ?? '')?.[1] ?? 'unknown',
  };
}

/** Short hash of what is checked out; `-dirty` when the working tree is not that commit. */
function commit(): string {
  const hash = answerOf('git', ['rev-parse', '--short', 'HEAD']);
  if (hash === null) return 'unknown';
  return answerOf('git', ['status', '--porcelain', '--untracked-files=no']) === '' ? hash : `${hash}-dirty`;
}

function versionOf(folder: string): string {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(join(projectFolder(), folder, 'package.json'), 'utf8'))).version;
  } catch {
    // Installed otherwise: a figure is still worth having without it.
    return 'unknown';
  }
}

const packageSchema = z.looseObject({ version: z.string() });

/** What a program writes, or null where there is no such program or it fails. */
function answerOf(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, {
      cwd: projectFolder(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    }).trim();
  } catch {
    return null;
  }
}
