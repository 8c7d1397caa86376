import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Child, isListening } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import type { DialectName } from '../readers/dialect.ts';
import { targetAt } from '../readers/reader-target.ts';
import { lengthPrefixed, payload } from './payload.ts';
import { originOf, type PeerStart, type RunningPeer } from './peer.ts';
import { Publisher, type PublishRequest } from './publisher.ts';

/** Where a program is on the PATH (and where distributions put servers), or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** What a program answers with these arguments; null when it cannot be started or fails. */
export function askProgram(name: string, args: readonly string[]): string | null {
  const path = findProgram(name);
  if (path === null) return null;
  try {
    return execFileSync(path, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
  } catch {
    return null;
  }
}

/** The first version number that a program writes. */
export function programVersion(name: string, args: readonly string[]): string {
  return /\d+\.\d+[\w.+-]*/.exec(askProgram(name, args) ?? '')?.[0] ?? '';
}

/** Of a module in a Go program, as its build has noted it: some programs do not know their own. Empty without `go`. */
export function goModuleVersion(name: string, module: string): string {
  const path = findProgram(name);
  const lines = (path === null ? null : askProgram('go', ['version', '-m', path])) ?? '';
  const fields = lines.split('\n').map((line) => line.split('\t'));
  return fields.find(([, kind, found]) => (kind === 'mod' || kind === 'dep') && found === module)?.[3]?.slice(1) ?? '';
}

export interface ProgramSpec {
  readonly name: string;
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly path: string;
  readonly dialect: DialectName;
}

/** A server that takes its port as an argument and its messages, length-prefixed, on standard input. */
export async function startProgram(spec: ProgramSpec, options: PeerStart): Promise<RunningPeer> {
  const port = await freePort();
  const child = await startChild(spec, spec.args(port), port, options);
  return {
    target: targetAt(originOf(port, options), spec.path, spec.dialect),
    pids: [child.pid],
    publish: async (index, dueAt) => {
      const { id, text } = payload(index, dueAt);
      child.write(lengthPrefixed(text));
      return id;
    },
    [Symbol.asyncDispose]: () => child.stop(),
  };
}

export interface ServiceSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  /** What readers ask for. */
  readonly path: string;
  readonly dialect: DialectName;
  readonly publish: (text: string) => PublishRequest;
}

/** A server that takes its messages over HTTP, on the port of its readers. */
export async function startService(spec: ServiceSpec, options: PeerStart): Promise<RunningPeer> {
  const child = await startChild(spec, spec.args, spec.port, options);
  const origin = originOf(spec.port, options);
  const publisher = new Publisher(spec.name, origin, options.certificate);
  return {
    target: targetAt(origin, spec.path, spec.dialect),
    pids: [child.pid],
    publish: async (index, dueAt) => {
      const { id, text } = payload(index, dueAt);
      await publisher.post(spec.publish(text));
      return id;
    },
    async [Symbol.asyncDispose]() {
      publisher[Symbol.dispose]();
      await child.stop();
    },
  };
}

/** Resolves once it listens. */
export async function startChild(
  { name, command }: Pick<ProgramSpec, 'name' | 'command'>,
  args: readonly string[],
  port: number,
  { folder, env }: Pick<PeerStart, 'folder' | 'env'>,
): Promise<Child> {
  const child = new Child(name, command, args, { cwd: folder, env });
  try {
    await child.ready(() => isListening(port));
  } catch (error) {
    await child.stop();
    throw error;
  }
  return child;
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
