import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Stop } from './step.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** With these settings an accepted item is on the disk before the response to its POST, and Redis evicts nothing. */
const settings = [
  '--appendonly',
  'yes',
  '--appendfsync',
  'always',
  '--no-appendfsync-on-rewrite',
  'no',
  '--save',
  '',
  '--maxmemory',
  '1gb',
  '--maxmemory-policy',
  'noeviction',
];

/**
 * Starts a Redis that only this machine can reach, with its data in `folder`. Resolves with port, URL and process once it answers.
 * @param {string} program
 * @param {string} folder
 * @param {(child: ChildProcess) => void} onSpawn gets the process at once, so that the caller can end it in any case
 * @param {number} wantedPort 0: any free port
 */
export async function startRedis(program, folder, onSpawn, wantedPort = 0) {
  mkdirSync(folder, { recursive: true });
  const port = wantedPort || (await freePort());
  const log = join(folder, 'redis.log');
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--protected-mode',
    'yes',
    '--dir',
    folder,
    '--logfile',
    log,
    '--daemonize',
    'no',
    ...settings,
  ];
  // Its own process group: Ctrl-C reaches the launcher, which stops Redis last.
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  onSpawn(child);
  /** @type {Promise<never>} */
  const failed = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Stop(`Redis exited with ${code} at its start: ${lastLine(log)}`)));
  });
  failed.catch(() => undefined); // awaited below
  try {
    await Promise.race([answers(port), failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { port, url: `redis://127.0.0.1:${port}`, child };
}

/**
 * Whether a Redis with its data in `folder` listens at `url`: then the launcher was killed, and a second Redis would write the same files.
 * @param {string} url
 * @param {string} folder
 * @returns {Promise<boolean>}
 */
export function isRedisOf(url, folder) {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write('CONFIG GET dir\r\n'));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().split('\r\n').includes(realpathSync(folder)));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/**
 * True also for a process that could not be started.
 * @param {ChildProcess} child
 */
export function hasEnded(child) {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/**
 * Sends SIGTERM and waits; SIGKILL after `boundMs`.
 * @param {ChildProcess} child
 * @param {number} boundMs
 */
export async function stopProcess(child, boundMs) {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), boundMs);
  await ended;
  clearTimeout(killer);
}

/** @param {number} port */
async function answers(port) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await ping(port)) return;
    await pause(50);
  }
  throw new Stop('Redis did not answer within 30 s.');
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function ping(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG')); // while Redis loads its data the reply is -LOADING
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * A free port of this machine, below the range for outgoing connections. A port of that range could be taken before the caller
 * listens, and a client that retries an unreachable Redis could connect to itself.
 */
export async function freePort() {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 11_000 + Math.floor(Math.random() * 19_000); // no browser opens 10080
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Stop('no free port on 127.0.0.1 between 11000 and 30000');
}

/** @param {string} file */
function lastLine(file) {
  return existsSync(file) ? (readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '') : 'no log';
}
