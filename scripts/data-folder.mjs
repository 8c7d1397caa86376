import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Stop } from './step.mjs';

/**
 * Locks the data folder for this process. Returns a function that unlocks it. Throws a `Stop` that names the process that has
 * it. The lock is a socket that listens in the folder: the system closes it however the process ends. A process id alone may
 * have been reused (after a restart of a container, by this process).
 * @param {string} folder
 */
export async function lockFolder(folder) {
  const file = join(folder, 'pid');
  let server;
  try {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, lock)) && isAnotherStart(pidIn(file))) throw alreadyRunning(folder, file);
    server = await listenIn(folder, file);
    writeFileSync(file, String(process.pid), { mode: 0o644 });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!code) throw error;
    throw new Stop(
      `FLASHWIRE_DATA_DIR: cannot write in ${folder} (${code}); set it to a folder that this user may write`,
    );
  }
  return () => {
    rmSync(file, { force: true });
    server?.close();
  };
}

/**
 * The admin key in the data folder. The first start creates it, readable by its owner only.
 * @param {string} folder
 */
export function keyIn(folder) {
  const file = join(folder, 'key');
  if (!existsSync(file))
    writeFileSync(file, `fw_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  return { file, key: readFileSync(file, 'utf8').trim() };
}

const lock = 'lock';

/**
 * @param {string} folder
 * @param {string} file
 */
async function listenIn(folder, file) {
  for (;;) {
    const server = createServer((socket) => socket.destroy()).unref();
    within(folder, () => server.listen(lock));
    const error = await once(server, 'listening').then(
      () => null,
      (failure) => failure,
    );
    if (error === null) return server;
    // A file system without sockets (some shared folders): the process id in the file is all there is.
    if (error.code !== 'EADDRINUSE') {
      if (isAnotherStart(pidIn(file))) throw alreadyRunning(folder, file);
      return null;
    }
    if (await isHeld(folder)) throw alreadyRunning(folder, file);
    rmSync(join(folder, lock), { force: true }); // left by a process that was killed
  }
}

/** @param {string} folder */
async function isHeld(folder) {
  const socket = within(folder, () => connect(lock));
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

/**
 * Calls with `folder` as the working directory, because the path of a socket has at most 107 octets.
 * @template Result
 * @param {string} folder
 * @param {() => Result} call synchronous
 */
function within(folder, call) {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return call();
  } finally {
    process.chdir(before);
  }
}

/**
 * @param {string} folder
 * @param {string} file
 */
function alreadyRunning(folder, file) {
  return new Stop(
    `already running on ${folder} as pid ${pidIn(file)}; stop that one first, or set FLASHWIRE_DATA_DIR to another folder.`,
  );
}

/** @param {string} file */
function pidIn(file) {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

/**
 * Whether this process id belongs to another `npm start` (of 0.2.0, which had no socket), and was not reused by another program.
 * @param {number} pid
 */
function isAnotherStart(pid) {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    return commandOf(pid).includes('start.mjs');
  } catch {
    return false; // the process does not exist
  }
}

/** @param {number} pid */
function commandOf(pid) {
  if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
}
