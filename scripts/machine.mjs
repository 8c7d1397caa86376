import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, Stop, say } from './step.mjs';

/** Where a program is: on the PATH, or where Debian puts what it has just installed. */
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

/** Where a program is on the PATH alone. */
export function findOnPath(program) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder || '.', program)).find((path) => existsSync(path));
}

/** Whether this is a Debian or Ubuntu on which packages may be installed. */
export function canInstall() {
  return (
    process.getuid?.() === 0 &&
    process.env.FLASHWIRE_INSTALL !== 'never' &&
    existsSync('/etc/debian_version') &&
    find('apt-get') !== undefined
  );
}

/** Installs Debian packages; says the command first, and lets none of them start a service. */
export async function installPackages(packages) {
  const env = {
    ...process.env,
    DEBIAN_FRONTEND: 'noninteractive',
    PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`,
  };
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  say(command.join(' '));
  await run('apt-get', ['update', '-qq'], { env });
  await withoutServices(() => run(command[0], command.slice(1), { env }));
}

/** Debian asks this file before it starts a service. */
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

/** A redis-server or valkey-server of 7.0 or newer on the PATH, else one that this machine allows to install. */
export async function findOrInstallRedis() {
  const found = [findOnPath('redis-server'), findOnPath('valkey-server')].find((path) => path && isNewEnough(path));
  if (found) return found;
  if (process.platform === 'win32') throw new Stop('Windows has no Redis: use WSL or Docker (`docker compose up`).');
  if (process.platform === 'darwin') throw new Stop('Redis 7 or newer is needed. Run: brew install redis');
  if (canInstall()) {
    say('no Redis 7 or newer on the PATH; installing one');
    await installPackages(['redis-server']);
    const installed = find('redis-server');
    if (installed && isNewEnough(installed)) return installed;
  }
  throw new Stop(
    'Redis 7 or newer is needed. Install redis-server or valkey-server, or set REDIS_URL to a Redis that runs.',
  );
}

function isNewEnough(path) {
  try {
    const version = /v=(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }));
    return Number(version?.[1] ?? 0) >= 7;
  } catch {
    return false;
  }
}

/** The value of a variable, or of the file that `<NAME>_FILE` names, without space around it. */
export function variable(name) {
  const file = process.env[`${name}_FILE`];
  if (!file) return process.env[name]?.trim();
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Stop(`${name}_FILE: cannot read ${file} (${error.code})`);
  }
}
