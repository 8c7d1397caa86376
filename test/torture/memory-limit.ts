import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from '../resources/flashwire.ts';

/** Where Linux has the memory controller of cgroup v1. */
const groups = '/sys/fs/cgroup/memory';
const limitBytes = 1_000_000;

/**
 * Gives a process no more memory than it has, and a little; silent connections take the rest, and the kernel ends it with -9.
 * Resolves with null once `hasEnded`, or with why this machine cannot do it.
 */
export async function endForWantOfMemory(pid: number, port: number, hasEnded: () => boolean): Promise<string | null> {
  const group = join(groups, `flashwire-torture-${process.pid}`);
  try {
    await mkdir(group);
  } catch (error) {
    return `no memory cgroup (v1) that may be made: ${error instanceof Error ? error.message : error}`;
  }
  try {
    await writeFile(join(group, 'memory.limit_in_bytes'), String(limitBytes));
    await writeFile(join(group, 'cgroup.procs'), String(pid));
    const sockets = Array.from({ length: 1_000 }, () => {
      const socket = connect(port, '127.0.0.1');
      return socket.on('error', () => socket.destroy());
    });
    try {
      await until(hasEnded, 30_000, 'the kernel has ended it');
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    return null;
  } finally {
    // The kernel lets go of the group a moment after its last process.
    await until(
      () =>
        rmdir(group).then(
          () => true,
          () => false,
        ),
      10_000,
      'the group is gone',
    );
  }
}
