import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { ConfigError } from '../config.ts';

export interface PrivateFolder {
  readonly path: string;
  remove(): void;
}

const prefix = 'flashwire-all-';
/** Listens while the process that made the folder runs; the system closes it however that process ends. */
const lock = 'supervisor';
/** The longest path of a socket on Linux; macOS has 103. */
const longestPath = 103;
/** A folder without a lock is being made, or its process was killed at that moment. */
const madeWithinMs = 60_000;

/**
 * Makes a folder for sockets that only this user can enter (0700). First removes those that killed processes of this user have left.
 * The folder is removed when the process exits, or earlier by `remove`.
 */
export async function openPrivateFolder(parent: string): Promise<PrivateFolder> {
  if (join(parent, `${prefix}XXXXXX`, lock).length > longestPath)
    throw new ConfigError(`TMPDIR: ${parent} is too long for the path of a socket; set it to a shorter one`);
  try {
    for (const name of readdirSync(parent)) if (name.startsWith(prefix)) await removeIfLeft(join(parent, name));
    const path = mkdtempSync(join(parent, prefix));
    const server = createServer((socket) => socket.destroy()).unref();
    server.listen(join(path, lock));
    await once(server, 'listening');
    const remove = () => {
      process.off('exit', remove);
      server.close();
      rmSync(path, { recursive: true, force: true });
    };
    process.once('exit', remove);
    return { path, remove };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ConfigError(
      `TMPDIR: cannot make a folder for sockets in ${parent} (${code}); set it to a writable folder`,
    );
  }
}

async function removeIfLeft(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.getuid?.()) return;
  const socket = connect(join(path, lock));
  const code = await once(socket, 'connect').then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  );
  socket.destroy();
  const isLeft = code === 'ECONNREFUSED' || (code === 'ENOENT' && Date.now() - found.mtimeMs > madeWithinMs);
  if (isLeft) rmSync(path, { recursive: true, force: true });
}
