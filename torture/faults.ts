import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../bench/process/free-port.ts';
import { startRedis } from '../test/redis-server.ts';
import { until } from '../test/resources/flashwire.ts';
import type { History } from './checker/history.ts';
import { between, pause } from './fuzz/random.ts';
import { endForWantOfMemory } from './site/memory-limit.ts';
import { comeAhead, misreport } from './site/odd-accounts.ts';
import { durable, type RoleName, roles, type Site } from './site/site.ts';

export interface Strike {
  readonly site: Site;
  readonly history: History;
  readonly random: () => number;
  /** A shorter form of what lasts. */
  readonly isShort: boolean;
}

export interface Fault {
  readonly name: string;
  /** Rows of the matrix in the reference. */
  readonly rows: string;
  /** What was accepted may be gone with the data: then it has to be declared, and nobody may go on in the old epoch. */
  readonly losesData?: true;
  /** Within how many ms after it the desk has to accept again. */
  readonly acceptsWithinMs?: number;
  /** In the end the memory of the fan-outs is searched for what has been taken back. */
  readonly searchesMemory?: true;
  /** Part of the short form. */
  readonly isShort?: true;
  /** Does the harm and undoes it; posts are under way all the time. Null: this machine cannot do it, and why. */
  strike(strike: Strike): Promise<string | null>;
}

/** Some moment in the middle of what is under way. */
const moment = (random: () => number) => pause(between(random, 20, 400));
const lasting = (isShort: boolean, ms: number) => pause(isShort ? Math.min(ms, 2_500) : ms);

async function killAndStart({ site, random }: Strike, role: RoleName, times: number): Promise<null> {
  for (let n = 0; n < times; n++) {
    await moment(random);
    await site.signal(role, 'SIGKILL');
    await site.start(role);
  }
  return null;
}

async function stopAndStart({ site, random }: Strike, role: RoleName, times: number): Promise<null> {
  for (let n = 0; n < times; n++) {
    await moment(random);
    await site.signal(role, 'SIGTERM');
    await site.start(role);
  }
  return null;
}

async function freeze({ site, random, isShort }: Strike, role: RoleName, ms: number): Promise<null> {
  await moment(random);
  await site.signal(role, 'SIGSTOP');
  await lasting(isShort, ms);
  await site.signal(role, 'SIGCONT');
  return null;
}

async function cutOff(
  { site, random, isShort }: Strike,
  role: RoleName,
  weather: 'both' | 'up' | 'down',
): Promise<null> {
  await moment(random);
  const proxy = site.proxy(role);
  proxy.set({ silentUp: weather !== 'down', silentDown: weather !== 'up' });
  await pause(isShort ? 6_500 : 9_000); // longer than a silent connection may go unnoticed
  proxy.set({});
  proxy.reset();
  return null;
}

async function restartRedis(
  { site, random, isShort }: Strike,
  awayMs: number,
  before?: () => Promise<void>,
): Promise<null> {
  await moment(random);
  await site.redis.kill();
  await before?.();
  await lasting(isShort, awayMs);
  await site.startRedis();
  return null;
}

async function fill({ site, random, isShort }: Strike): Promise<null> {
  await moment(random);
  await site.direct.config('SET', 'maxmemory', '1');
  await lasting(isShort, 4_000);
  await site.direct.config('SET', 'maxmemory', '0');
  return null;
}

/** Jobs that no version of this program has ever written, in the queue where everybody waits. */
async function poison({ site, random }: Strike): Promise<null> {
  const queue = 'fw:{en}:queue:publish';
  for (const data of [
    '{',
    '{"v":1}',
    '[]',
    '{"v":1,"edition":"tlh","commandId":"c_1"}',
    '{"v":1,"edition":"en","commandId":"c_none"}',
  ]) {
    await moment(random);
    const id = `poison-${Math.floor(random() * 1e9)}`;
    const now = String(Date.now());
    await site.direct.hset(`${queue}:${id}`, {
      name: 'publish',
      data,
      opts: '{"attempts":3}',
      timestamp: now,
      delay: '0',
      priority: '0',
    });
    await site.direct.lpush(`${queue}:wait`, id);
  }
  return null;
}

/** A copy of Redis that has lagged behind takes over. */
async function failOver({ site, random }: Strike, forgetful: readonly RoleName[] = []): Promise<null> {
  const dir = await mkdtemp(join(tmpdir(), 'flashwire-replica-'));
  const port = await freePort();
  const replica = await startRedis([...durable, '--replicaof', `127.0.0.1 ${site.redisPort}`], { port, dir });
  const probe = site.direct.duplicate({ port });
  await until(
    async () => (await probe.info('replication')).includes('master_link_status:up'),
    15_000,
    'the copy follows',
  );
  await probe.call('REPLICAOF', 'NO', 'ONE'); // from here on it misses what is accepted
  probe.disconnect();
  await pause(between(random, 500, 1_000));
  await Promise.all([site.redis.kill(), ...forgetful.map((role) => site.signal(role, 'SIGKILL'))]);
  site.leadTo(replica, port);
  await Promise.all(forgetful.map((role) => site.start(role)));
  return null;
}

/** The disk of the append-only file runs full, and Redis gives up rather than lie. */
async function fillDisk({ site, random, isShort }: Strike): Promise<string | null> {
  const disk = await mkdtemp(join(tmpdir(), 'flashwire-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
  if (mounted.status !== 0) {
    await rm(disk, { recursive: true });
    return 'needs the right to mount a small disk';
  }
  try {
    await moment(random);
    await site.redis.kill();
    await cp(join(site.redisDir, 'appendonlydir'), join(disk, 'appendonlydir'), { recursive: true });
    await site.startRedis(durable, disk);
    await pause(500);
    await appendFile(join(disk, 'ballast'), Buffer.alloc(32 * 1024 * 1024)).catch(() => undefined);
    await until(() => site.redis.hasEnded(), 10_000, 'Redis has given up on a full disk');
    await lasting(isShort, 3_000);
    await rm(join(disk, 'ballast'));
    await rm(join(site.redisDir, 'appendonlydir'), { recursive: true });
    await cp(join(disk, 'appendonlydir'), join(site.redisDir, 'appendonlydir'), { recursive: true });
    await site.startRedis();
  } finally {
    spawnSync('umount', [disk]);
  }
  return null;
}

const acceptsWithinMs = 3_000;

export const faults: readonly Fault[] = [
  {
    name: 'nothing',
    rows: '-',
    isShort: true,
    strike: async ({ isShort }) => lasting(isShort, 3_000).then(() => null),
  },
  {
    name: 'text taken back',
    rows: '-',
    isShort: true,
    searchesMemory: true,
    strike: async ({ isShort }) => lasting(isShort, 3_000).then(() => null),
  },
  {
    name: 'API killed',
    rows: '1',
    isShort: true,
    strike: (strike) => killAndStart(strike, 'api', strike.isShort ? 1 : 3),
  },
  {
    name: 'worker killed',
    rows: '2',
    isShort: true,
    strike: (strike) => killAndStart(strike, 'worker-1', strike.isShort ? 1 : 4),
  },
  {
    name: 'both workers killed',
    rows: '2',
    strike: async (strike) => {
      await Promise.all([killAndStart(strike, 'worker-1', 1), killAndStart(strike, 'worker-2', 1)]);
      return null;
    },
  },
  { name: 'worker frozen', rows: '3', strike: (strike) => freeze(strike, 'worker-1', 10_000) },
  { name: 'API frozen', rows: '3', strike: (strike) => freeze(strike, 'api', 5_000) },
  {
    name: 'Redis killed',
    rows: '4',
    acceptsWithinMs,
    isShort: true,
    strike: (strike) => restartRedis(strike, 5_000),
  },
  {
    name: 'Redis killed, torn tail',
    rows: '7',
    acceptsWithinMs,
    strike: (strike) =>
      restartRedis(strike, 1_000, async () =>
        appendFile(await strike.site.appendOnlyFile(), '*3\r\n$3\r\nSET\r\n$5\r\nhal'),
      ),
  },
  {
    name: 'Redis frozen',
    rows: '4',
    isShort: true,
    strike: async ({ site, random, isShort }) => {
      await moment(random);
      process.kill(site.redis.pid, 'SIGSTOP');
      await pause(isShort ? 5_000 : 10_000);
      process.kill(site.redis.pid, 'SIGCONT');
      return null;
    },
  },
  { name: 'disk full', rows: '8', strike: fillDisk },
  { name: 'Redis full', rows: '9', strike: fill },
  { name: 'poison jobs', rows: '11', isShort: true, strike: poison },
  {
    name: 'odd accounts',
    rows: '28',
    isShort: true,
    strike: async (strike) => {
      await moment(strike.random);
      await comeAhead(strike);
      await misreport(strike);
      return null;
    },
  },
  { name: 'worker stopped', rows: '16', strike: (strike) => stopAndStart(strike, 'worker-1', 4) },
  { name: 'API stopped', rows: '16', strike: (strike) => stopAndStart(strike, 'api', 2) },
  {
    name: 'pub/sub cut',
    rows: '17',
    isShort: true,
    strike: async ({ site, random }) => {
      for (let n = 0; n < 6; n++) {
        await moment(random);
        await site.direct.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      }
      return null;
    },
  },
  {
    name: 'output buffer cut',
    rows: '18',
    strike: async (strike) => {
      await strike.site.direct.config('SET', 'client-output-buffer-limit', 'pubsub 8kb 4kb 1');
      await freeze(strike, 'fanout-1', 6_000);
      await strike.site.direct.config('SET', 'client-output-buffer-limit', 'pubsub 64mb 16mb 30');
      return null;
    },
  },
  { name: 'fan-out cut off', rows: '19', isShort: true, strike: (strike) => cutOff(strike, 'fanout-1', 'both') },
  { name: 'fan-out deaf', rows: '19', strike: (strike) => cutOff(strike, 'fanout-1', 'down') },
  { name: 'fan-out mute', rows: '19', strike: (strike) => cutOff(strike, 'fanout-2', 'up') },
  { name: 'worker cut off', rows: '19', strike: (strike) => cutOff(strike, 'worker-2', 'both') },
  {
    name: 'replies lost',
    rows: '1',
    isShort: true,
    strike: async ({ site, isShort }) => {
      const proxy = site.proxy('api');
      for (let n = 0; n < (isShort ? 2 : 3); n++) {
        // What is accepted carries its line: the log has it, and the api will never hear so.
        proxy.set({ loseRepliesAfter: '"headline"' });
        await pause(2_600); // longer than the api waits
        proxy.set({});
        proxy.reset();
        await pause(400);
      }
      return null;
    },
  },
  { name: 'API cut off', rows: '19', strike: (strike) => cutOff(strike, 'api', 'down') },
  {
    name: 'slow network',
    rows: '19',
    strike: async ({ site, isShort }) => {
      for (const proxy of site.proxies) proxy.set({ delayMs: 150 });
      await lasting(isShort, 5_000);
      for (const proxy of site.proxies) proxy.set({});
      return null;
    },
  },
  {
    name: 'connections reset',
    rows: '17',
    strike: async ({ site, random }) => {
      for (let n = 0; n < 8; n++) {
        await moment(random);
        for (const proxy of site.proxies) proxy.reset();
      }
      return null;
    },
  },
  { name: 'fan-out frozen', rows: '20', isShort: true, strike: (strike) => freeze(strike, 'fanout-1', 12_000) },
  {
    name: 'fan-out killed',
    rows: '21',
    isShort: true,
    strike: (strike) => killAndStart(strike, 'fanout-1', strike.isShort ? 1 : 3),
  },
  {
    name: 'fan-out out of memory',
    rows: '29',
    strike: async ({ site, random }) => {
      await moment(random);
      const whyNot = await endForWantOfMemory(site.pid('fanout-1'), site.fanoutPorts[0] ?? 0, () =>
        site.isKilled('fanout-1'),
      );
      if (whyNot === null) await site.start('fanout-1');
      return whyNot;
    },
  },
  { name: 'fan-out drained', rows: '22', strike: (strike) => stopAndStart(strike, 'fanout-2', 2) },
  {
    name: 'everything killed',
    rows: '1-4, 21',
    strike: async ({ site, random }) => {
      await moment(random);
      await Promise.all([site.redis.kill(), ...roles.map((role) => site.signal(role, 'SIGKILL'))]);
      await site.startRedis();
      await Promise.all(roles.map((role) => site.start(role)));
      return null;
    },
  },
  {
    name: 'failover that lost the tail',
    rows: '6',
    losesData: true,
    isShort: true,
    strike: (strike) => failOver(strike),
  },
  {
    name: 'the same, and only a worker remembers',
    rows: '6',
    losesData: true,
    strike: (strike) => failOver(strike, ['fanout-1', 'fanout-2']),
  },
  {
    name: 'Redis back without data',
    rows: '5',
    losesData: true,
    strike: (strike) =>
      restartRedis(strike, 1_000, () =>
        rm(join(strike.site.redisDir, 'appendonlydir'), { recursive: true, force: true }),
      ),
  },
];
