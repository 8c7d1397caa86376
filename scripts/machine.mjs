import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, Stop, say } from './step.mjs';

/**
 * The path of a program: on the PATH, or where Debian installs programs.
 * @param {string} program
 */
export function find(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin'];
  return folders
    .map((folder) => join(folder || '.', program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * The path of a program on the PATH only.
 * @param {string} program
 */
function findOnPath(program) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder || '.', program)).find((path) => existsSync(path));
}

/** Whether this is Debian or Ubuntu and this process may install packages. */
export function canInstall() {
  return (
    process.getuid?.() === 0 &&
    process.env.FLASHWIRE_INSTALL !== 'never' &&
    existsSync('/etc/debian_version') &&
    find('apt-get') !== undefined
  );
}

/**
 * Installs Debian packages. Prints the command first. No package starts a service.
 * @param {readonly string[]} packages
 */
export async function installPackages(packages) {
  const env = {
    ...process.env,
    DEBIAN_FRONTEND: 'noninteractive',
    PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`,
  };
  const args = ['install', '-y', '--no-install-recommends', ...packages];
  say(`apt-get ${args.join(' ')}`);
  await run('apt-get', ['update', '-qq'], { env });
  await withoutServices(() => run('apt-get', args, { env }));
}

/**
 * Debian runs this file before it starts a service.
 * @template Result
 * @param {() => Promise<Result>} work
 */
async function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}

/** The path of a redis-server or valkey-server 7.0 or newer: on the PATH, else installed now if this machine allows it. */
export async function findOrInstallRedis() {
  const present = [findOnPath('redis-server'), findOnPath('valkey-server')].find((path) => path && isNewEnough(path));
  if (present) return present;
  if (process.platform === 'win32') throw new Stop('Windows has no Redis: use WSL or Docker (`docker compose up`).');
  if (process.platform === 'darwin') throw new Stop('Redis 7 or newer is needed. Run: brew install redis');
  if (canInstall()) {
    say('no Redis 7 or newer on the PATH, installing Redis');
    await installPackages(['redis-server']);
    const installed = find('redis-server');
    if (installed && isNewEnough(installed)) return installed;
  }
  throw new Stop(
    'Redis 7 or newer is needed. Install redis-server or valkey-server, or set REDIS_URL to a running Redis.',
  );
}

/** @param {string} path */
function isNewEnough(path) {
  try {
    const version = /v=(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }));
    return Number(version?.[1] ?? 0) >= 7;
  } catch {
    return false;
  }
}

/**
 * The value of a variable, or the content of the file that `<NAME>_FILE` names, without space around it.
 * @param {string} name
 */
export function variable(name) {
  const file = process.env[`${name}_FILE`];
  if (!file) return process.env[name]?.trim();
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Stop(`${name}_FILE: cannot read ${file} (${/** @type {NodeJS.ErrnoException} */ (error).code})`);
  }
}
