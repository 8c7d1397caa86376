import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Child, isListening } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import type { DialectName } from '../readers/dialect.ts';
import { targetAt } from '../readers/reader-target.ts';
import { lengthPrefixed, payload } from './payload.ts';
import type { PeerStart, RunningPeer } from './peer.ts';

/** Where a program is on the PATH (and where distributions put servers), or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

export interface ProgramSpec {
  readonly name: string;
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly path: string;
  readonly dialect: DialectName;
}

/** A server that takes its port as an argument and its messages, length-prefixed, on standard input. */
export async function startProgram(spec: ProgramSpec, { env, folder }: PeerStart): Promise<RunningPeer> {
  const port = await freePort();
  const child = new Child(spec.name, spec.command, spec.args(port), { cwd: folder, env });
  try {
    await child.ready(() => isListening(port));
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    target: targetAt(`http://127.0.0.1:${port}`, spec.path, spec.dialect),
    pid: child.pid,
    publish: async (index, dueAt) => {
      const { id, text } = payload(index, dueAt);
      child.write(lengthPrefixed(text));
      return id;
    },
    [Symbol.asyncDispose]: () => child.stop(),
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: the next folder may have it.
    return false;
  }
}
