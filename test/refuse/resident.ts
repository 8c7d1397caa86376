import { readFileSync } from 'node:fs';

/** What a process holds in memory now, MB. */
export function residentMb(pid: number | undefined): number {
  const kB = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kB === undefined) throw new Error(`process ${pid} has gone`);
  return (Number(kB) * 1_024) / 1e6;
}
