import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Stop } from './step.mjs';

/**
 * Takes the data folder for this process alone. Throws a `Stop` that names whose it is. Returns what gives it back. The lock is a
 * socket that listens in the folder: the system takes it from a process that ends in any way, while a number alone may by then
 * be that of another process (in a container that is started again, of this one).
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
    if (!error.code) throw error;
    throw new Stop(
      `FLASHWIRE_DATA_DIR: cannot write in ${folder} (${error.code}); set it to a folder that this user may write`,
    );
  }
  return () => {
    rmSync(file, { force: true });
    server?.close();
  };
}

/** The admin key in the data folder; made at the first start, readable by its owner only. */
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

async function listenIn(folder, file) {
  for (;;) {
    const server = createServer((socket) => socket.destroy()).unref();
    within(folder, () => server.listen(lock));
    const error = await once(server, 'listening').then(
      () => null,
      (failure) => failure,
    );
    if (error === null) return server;
    // A file system without sockets (some shared folders): the number in the file has to do.
    if (error.code !== 'EADDRINUSE') {
      if (isAnotherStart(pidIn(file))) throw alreadyRunning(folder, file);
      return null;
    }
    if (await isHeld(folder)) throw alreadyRunning(folder, file);
    rmSync(join(folder, lock), { force: true }); // left by one that was killed
  }
}

async function isHeld(folder) {
  const socket = within(folder, () => connect(lock));
  const isThere = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isThere;
}

/** The path of a socket has 107 octets at most, so it is named from within its folder; both calls are over when they return. */
function within(folder, call) {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return call();
  } finally {
    process.chdir(before);
  }
}

function alreadyRunning(folder, file) {
  return new Stop(
    `already running on ${folder} as pid ${pidIn(file)}; stop that one first, or set FLASHWIRE_DATA_DIR to another folder.`,
  );
}

function pidIn(file) {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

/** Whether the process of this number is another `npm start` (of 0.2.0, which had no socket), not one that has its number by now. */
function isAnotherStart(pid) {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    return commandOf(pid).includes('start.mjs');
  } catch {
    return false; // there is no such process
  }
}

function commandOf(pid) {
  if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
}
