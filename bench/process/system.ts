import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its children have used since they started, and hold now. */
export interface ProcessSample {
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Sockets, pipes, epolls: everything that the kernel counts against the limit of open files. */
  readonly openFiles: number;
}

/** Null where there is no /proc (not Linux) or no such process. */
export function sampleProcess(pid: number): ProcessSample | null {
  try {
    return pidTree(pid).map(sampleOne).reduce(addSamples);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Several processes as if they were one; null when there is none or one of them cannot be seen. */
export function sampleProcesses(pids: readonly number[]): ProcessSample | null {
  const samples = pids.flatMap((pid) => sampleProcess(pid) ?? []);
  return samples.length === 0 || samples.length < pids.length ? null : samples.reduce(addSamples);
}

/** Memory that the kernel's TCP buffers of this machine hold, both ends of a loopback connection included. Null without /proc. */
export function kernelSocketBytes(): number | null {
  try {
    const pages = /^TCP:.* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1];
    return pages === undefined ? null : Number(pages) * pageBytes;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** User and system ms of a line of /proc/<pid>/stat. The name in brackets may hold spaces and brackets of its own. */
export function cpuMsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

const pageBytes = 4_096;
/** USER_HZ, the unit of /proc, is 100 on every Linux that Node runs on. */
const msPerTick = 10;

function pidTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readText(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean),
  );
  return [pid, ...children.flatMap((child) => pidTree(Number(child)))];
}

function sampleOne(pid: number): ProcessSample {
  const rssBytes = kilobytes(readFileSync(`/proc/${pid}/status`, 'utf8'), /^VmRSS:\s+(\d+)/m) ?? 0;
  return {
    cpuMs: cpuMsOf(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    rssBytes,
    openFiles: readdirSync(`/proc/${pid}/fd`).length,
  };
}

function addSamples(a: ProcessSample, b: ProcessSample): ProcessSample {
  return { cpuMs: a.cpuMs + b.cpuMs, rssBytes: a.rssBytes + b.rssBytes, openFiles: a.openFiles + b.openFiles };
}

function kilobytes(text: string, pattern: RegExp): number | null {
  const value = pattern.exec(text)?.[1];
  return value === undefined ? null : Number(value) * 1_024;
}

/** Empty for files that this kernel does not offer, or that went away with their thread. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES';
}
