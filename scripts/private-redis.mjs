import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Stop } from './step.mjs';

/** What a newsroom may rely on: an accepted line is on the disk before its POST is answered, and nothing is ever evicted. */
export const settings = [
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
 * A Redis that only this machine can reach, with its data in `folder`, on any free port unless told. `onSpawn` has its process
 * at once, to end it whatever comes between; resolves with port and URL once it answers.
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
  // A process group of its own: Ctrl-C reaches the launcher, which stops it last.
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  onSpawn(child);
  const failed = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Stop(`Redis ended with ${code} at its start: ${lastLine(log)}`)));
  });
  failed.catch(() => undefined); // awaited below, and no news afterwards
  try {
    await Promise.race([answers(port), failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { port, url: `redis://127.0.0.1:${port}` };
}

/** Whether a Redis listens at `url` whose data is in `folder`: its starter was killed, and a second one would write the same files. */
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

/** Also one that could not be started at all. */
export function hasEnded(child) {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Sends SIGTERM and waits; Redis writes out what it holds. */
export async function stopProcess(child, boundMs) {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), boundMs);
  await ended;
  clearTimeout(killer);
}

async function answers(port) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await ping(port)) return;
    await pause(50);
  }
  throw new Stop('Redis did not answer within 30 s.');
}

function ping(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG')); // while it loads its data it answers -LOADING
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * A port of this machine that nobody listens on, below those that the system gives to outgoing connections: one of them
 * could take it before it is listened on, and whoever asks again and again for a Redis that is away could reach itself.
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
  throw new Stop('no port of 127.0.0.1 between 11000 and 30000 can be listened on');
}

function lastLine(file) {
  return existsSync(file) ? (readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '') : 'no log';
}
