// `npm start`: everything on this machine, for a trial. Production runs `flashwire <role>`, which installs nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build, install } from './build.mjs';
import { keyIn, lockFolder } from './data-folder.mjs';
import { isReady, originOf } from './listen-address.mjs';
import { findOrInstallRedis, variable } from './machine.mjs';
import { isRedisOf, startRedis, stopProcess } from './private-redis.mjs';
import { endWith, readCommandLine, requireNode, root, Stop, say, shellWord } from './step.mjs';

const folder = resolve(root, process.env.FLASHWIRE_DATA_DIR?.trim() || '.flashwire');
let host = '';
let port = '';

/**
 * Undoes each step at the end, the last step first.
 * @type {(() => unknown)[]}
 */
const undo = [];
let isStopping = false;

try {
  requireNode();
  readCommandLine('usage: npm start (configured by the environment variables in docs/configuration.md)');
  host = (variable('HOST') || '127.0.0.1').replace(/^\[(.*)\]$/, '$1');
  port = variable('PORT') || '8080';
  requirePort();
  undo.push(await lockFolder(folder));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
  await install();
  await build();
  await requireFreePort();
  const redisUrl = variable('REDIS_URL') || (await ownRedis());
  const own = variable('FLASHWIRE_BOOTSTRAP_KEY') ? null : keyIn(folder);
  await startFlashwire(redisUrl, own?.key ?? variable('FLASHWIRE_BOOTSTRAP_KEY'));
  if (!isStopping) greet(own);
} catch (error) {
  if (!isStopping) endWith(error);
  await stop(Number(process.exitCode ?? 0));
}

async function ownRedis() {
  const urlFile = join(folder, 'redis-url');
  const left = existsSync(urlFile) ? readFileSync(urlFile, 'utf8').trim() : null;
  if (left && (await isRedisOf(left, join(folder, 'redis'))))
    throw new Stop(
      `the Redis of an earlier start still runs on ${folder} (${left}); stop it first: redis-cli -u ${left} shutdown`,
    );
  const program = await findOrInstallRedis();
  say(`starting ${program} with its data in ${join(folder, 'redis')}`);
  const { url, child } = await startRedis(program, join(folder, 'redis'), (spawned) => {
    undo.push(() => stopProcess(spawned, 10_000));
  });
  child.once('exit', (code) => failed(`Redis exited with ${code}; see ${join(folder, 'redis', 'redis.log')}`));
  writeFileSync(urlFile, `${url}\n`);
  undo.push(() => rmSync(urlFile, { force: true }));
  return url;
}

/**
 * @param {string} redisUrl
 * @param {string | undefined} key
 */
async function startFlashwire(redisUrl, key) {
  const log = join(folder, 'flashwire.log');
  say(`starting every role; the log is ${log}`);
  const output = openSync(log, 'w');
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...process.env,
    REDIS_URL: redisUrl,
    FLASHWIRE_BOOTSTRAP_KEY: key,
    FLASHWIRE_DATA_DIR: folder,
    FLASHWIRE_DRAIN_MS: process.env.FLASHWIRE_DRAIN_MS || '500',
    HOST: host,
    PORT: port,
  };
  delete env.HOST_FILE;
  delete env.PORT_FILE;
  delete env.REDIS_URL_FILE;
  delete env.FLASHWIRE_BOOTSTRAP_KEY_FILE;
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/src/main.js', 'all'], {
    cwd: root,
    env,
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  undo.push(() => stopProcess(child, 20_000));
  /** @type {Promise<never>} */
  const ended = new Promise((_, reject) => child.once('exit', (code) => reject(new Stop(whyEnded(log, code)))));
  ended.catch((error) => failed(error.message));
  await Promise.race([ready(log), ended]);
}

function requirePort() {
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw new Stop(`PORT: must be a whole number from 1 to 65535 (it is ${JSON.stringify(port.slice(0, 64))})`);
}

/** Another server on the port would answer instead of Flashwire. */
async function requireFreePort() {
  const server = createServer().listen(Number(port), host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EADDRINUSE') throw new Stop(`PORT: ${port} is in use by another process; set PORT to a free one`);
    if (code === 'EACCES') throw new Stop(`PORT: ${port} may not be opened by this user; set PORT to 1024 or more`);
    throw new Stop(`HOST: cannot listen on ${host} (${code ?? message}); set HOST to an address of this machine`);
  }
  server.close();
  await once(server, 'close');
}

/** @param {string} log */
async function ready(log) {
  for (let tries = 0; tries < 600 && !isStopping; tries += 1) {
    const refused = refusalIn(log);
    if (refused) throw new Stop(refused);
    if (await isReady(host, port)) return;
    await pause(50);
  }
  if (!isStopping) throw new Stop(`not ready after 30 s; see ${log}`);
}

/**
 * The line with which a role refuses its configuration or its port.
 * @param {string} log
 */
function refusalIn(log) {
  return /^flashwire: (.*)$/m.exec(readFileSync(log, 'utf8'))?.[1];
}

/**
 * @param {string} log
 * @param {number | null} code
 */
function whyEnded(log, code) {
  return refusalIn(log) ?? `Flashwire exited with ${code}; see ${log}`;
}

/**
 * Prints the addresses. Prints the key itself only on a terminal.
 * @param {{ file: string, key: string } | null} own
 */
function greet(own) {
  const url = process.env.FLASHWIRE_PUBLIC_URL?.trim().replace(/\/$/, '') || originOf(host, port);
  const signIn =
    process.stdout.isTTY && own
      ? `${url}/desk#key=${own.key}`
      : `${url}/desk   (key: ${own ? own.file : 'FLASHWIRE_BOOTSTRAP_KEY'})`;
  const bearer = own ? `$(cat ${shellWord(own.file)})` : '$FLASHWIRE_BOOTSTRAP_KEY';
  process.stdout.write(
    `ticker  ${url}/\ndesk    ${signIn}\npost    curl ${shellWord(`${url}/v1/items`)} -H "Authorization: Bearer ${bearer}" -H 'Content-Type: application/json' -H 'Prefer: wait=5' -d '{"edition":"en","attribution":"Harbour office","headline":"The new bridge opens tonight","urgency":"flash"}'\n`,
  );
}

/** @param {string} line */
function failed(line) {
  if (isStopping) return;
  process.stderr.write(`flashwire: ${line}\n`);
  void stop(1);
}

/** @param {number} code */
async function stop(code) {
  if (isStopping) return;
  isStopping = true;
  if (undo.length > 1) say('stopping');
  for (const step of undo.reverse()) await step();
  process.exit(code);
}
