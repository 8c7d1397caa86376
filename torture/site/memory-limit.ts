import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { until } from '../../test/resources/flashwire.ts';

/** Where Linux has the memory controller of cgroup v1. */
const groups = '/sys/fs/cgroup/memory';
const limitBytes = '1000000';

/**
 * Allows a process 1 MB of memory beyond what it holds, because cgroup v1 counts only new memory. Silent connections exceed that,
 * and the kernel kills the process (SIGKILL).
 * Resolves with null once `isKilled`, or with why this machine cannot do it.
 */
export async function endForWantOfMemory(pid: number, port: number, isKilled: () => boolean): Promise<string | null> {
  const group = join(groups, `flashwire-torture-${process.pid}`);
  try {
    await mkdir(group);
  } catch (error) {
    return `no memory cgroup (v1) that may be made: ${error instanceof Error ? error.message : error}`;
  }
  const sockets: Socket[] = [];
  try {
    await writeFile(join(group, 'memory.swappiness'), '0');
    await writeFile(join(group, 'memory.limit_in_bytes'), limitBytes);
    await writeFile(join(group, 'cgroup.procs'), String(pid));
    for (let n = 0; n < 1_000; n++) {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket.on('error', () => socket.destroy()));
    }
    await until(isKilled, 30_000, 'the kernel has killed it');
    return null;
  } finally {
    for (const socket of sockets) socket.destroy();
    // Whoever lives still, lives without the limit.
    if (!isKilled()) await writeFile(join(groups, 'cgroup.procs'), String(pid)).catch(() => undefined);
    await gone(group);
  }
}

/** The kernel lets go of a group a moment after its last process; one that stays is nobody's failure. */
async function gone(group: string): Promise<void> {
  const isGone = () =>
    rmdir(group).then(
      () => true,
      () => false,
    );
  await until(isGone, 5_000, 'the group is gone').catch(() => undefined);
}
