import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { readerProcessFlags } from '../../src/ops/node-flags.ts';
import { Child, type Environment, isOk } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { startNginx } from './nginx.ts';
import { startRedis } from './redis.ts';

export interface FleetOptions {
  readonly env: Environment;
  /** The project folder of the version that it starts with, built. */
  readonly folder: string;
  readonly fanouts: number;
  /** New readers a second that each fan-out takes. */
  readonly acceptRate: number;
  readonly nginxWorkers: number;
}

/** One process of the fleet: its place stays when another version takes it. */
export interface Place {
  readonly name: string;
  readonly role: 'worker' | 'api' | 'fanout';
  readonly metricsUrl: string;
  /** Of the process that runs there now. */
  readonly pid: number;
}

/** A site as docs/deploy.md has it, behind nginx, whose processes can be replaced by another version's. */
export interface Fleet extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  /** Two workers, two apis, the fan-outs: the order in which a newer version takes their places. */
  readonly places: readonly Place[];
  /** Gives Redis the users of the version in this project folder. */
  loadUsers(folder: string): Promise<void>;
  /** Ends a process and starts the version in this project folder in its place. Resolves once that is ready. */
  replace(place: Place, folder: string): Promise<void>;
}

/** Longer than a fan-out drains. */
const endsWithinMs = 30_000;

interface Occupied {
  readonly name: string;
  readonly role: Place['role'];
  readonly port: number;
  readonly metricsPort: number;
  process: Child;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-fleet-'));
  const owned: AsyncDisposable[] = [];
  const own = <T extends Child>(child: T) => {
    owned.push({ [Symbol.asyncDispose]: () => child.stop() });
    return child;
  };
  const dispose = async () => {
    for (const one of owned.toReversed()) await one[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const redisPort = await freePort();
    const secret = async (name: string) => (await readFile(join(folder, name), 'utf8')).trim();
    await makeUsers(options.folder, folder, redisPort);
    const users = { file: join(folder, 'redis-users.acl'), port: redisPort };
    own((await startRedis(folder, options.env, users)).process);
    const start = async (place: Omit<Occupied, 'process'>, from: string) => {
      const redisUrl = await secret(`redis-${place.role}`);
      return own(startRole(place, from, { ...options.env, ...settingsOf(options, folder), REDIS_URL: redisUrl }));
    };
    const places = await Promise.all(namesOf(options.fanouts).map((name) => open(name, options.folder, start)));
    const ports = Object.fromEntries(places.map(({ name, port }) => [name, port]));
    const nginx = await startNginx(ports, '', options.nginxWorkers);
    owned.push(nginx);
    return {
      url: `http://127.0.0.1:${nginx.port}`,
      key: await secret('bootstrap-key'),
      places: places.map(placeOf),
      loadUsers: async (from) => {
        await makeUsers(from, folder, redisPort);
        const admin = new Redis(await secret('redis-admin'));
        await admin.call('ACL', 'LOAD').finally(() => admin.disconnect());
      },
      replace: async ({ name }, from) => {
        const place = places.find((one) => one.name === name);
        if (!place) throw new Error(`the fleet has no ${name}`);
        await place.process.stop(endsWithinMs);
        place.process = await start(place, from);
        await ready(place);
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** As nginx.conf names them. */
function namesOf(fanouts: number): readonly string[] {
  const all = Array.from({ length: fanouts }, (_, i) => `fanout-${i + 1}`);
  return ['worker-1', 'worker-2', 'api', 'api-2', ...all];
}

async function open(
  name: string,
  folder: string,
  start: (place: Omit<Occupied, 'process'>, folder: string) => Promise<Child>,
): Promise<Occupied> {
  const role = name.replace(/-\d$/, '') as Place['role'];
  const place = { name, role, port: await freePort(), metricsPort: await freePort() };
  const occupied = { ...place, process: await start(place, folder) };
  await ready(occupied);
  return occupied;
}

function placeOf(place: Occupied): Place {
  const { name, role, metricsPort } = place;
  const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  return {
    name,
    role,
    metricsUrl,
    get pid() {
      return place.process.pid;
    },
  };
}

function ready({ process: child, port }: Occupied): Promise<void> {
  return child.ready(() => isOk(`http://127.0.0.1:${port}/readyz`));
}

function startRole(place: Omit<Occupied, 'process'>, folder: string, env: Environment): Child {
  const flags = [...readerProcessFlags, '--enable-source-maps'];
  return new Child(`flashwire ${place.name}`, process.execPath, [...flags, 'dist/src/main.js', place.role], {
    cwd: folder, // its own site file: an older version may not know a field of the newer one
    env: {
      ...env,
      PORT: String(place.port),
      HOST: '127.0.0.1',
      FLASHWIRE_METRICS_PORT: String(place.metricsPort),
    },
  });
}

/** As shipped, but for the accept rate: how long a drain takes is what is measured. */
function settingsOf({ acceptRate }: FleetOptions, folder: string): Environment {
  return {
    FLASHWIRE_DATA_DIR: folder,
    FLASHWIRE_BOOTSTRAP_KEY_FILE: join(folder, 'bootstrap-key'),
    FLASHWIRE_TRUST_PROXY: '1',
    FLASHWIRE_POST_RATE: '100000',
    FLASHWIRE_ACCEPT_RATE: String(acceptRate),
    LOG_LEVEL: 'warn',
  };
}

async function makeUsers(from: string, out: string, port: number): Promise<void> {
  const args = ['scripts/redis-users.mjs', '--out', out, '--host', `127.0.0.1:${port}`];
  await promisify(execFile)(process.execPath, args, { cwd: from });
}
