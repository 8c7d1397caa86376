import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '../fuzz/random.ts';
import { endForWantOfMemory } from '../site/memory-limit.ts';
import { comeAhead, misreport } from '../site/odd-accounts.ts';
import { roles } from '../site/site.ts';
import { type Fault, lasting, moment } from './fault.ts';
import { cutOff, freeze, killAndStart, stopAndStart } from './process-faults.ts';
import { failOver, fill, fillDisk, freezeRedis, poison, restartRedis } from './redis-faults.ts';
import { stopUnderLoad } from './stop.ts';
import { upgrade } from './upgrade.ts';

const acceptsWithinMs = 3_000;

export const faults: readonly Fault[] = [
  {
    name: 'nothing',
    rows: '-',
    isShort: true,
    strike: async ({ isShort }) => lasting(isShort, 3_000).then(() => null),
  },
  {
    name: 'text withdrawn',
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
    strike: freezeRedis,
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
  { name: 'STOP under load', rows: '50a', isShort: true, strike: stopUnderLoad },
  { name: 'upgrade', rows: '22a', strike: upgrade },
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
