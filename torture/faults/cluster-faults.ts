import { until } from '../../test/resources/flashwire.ts';
import { pause } from '../fuzz/random.ts';
import type { ClusterSite } from '../site/cluster-site.ts';
import { type Fault, lasting, moment } from './fault.ts';

const meta = 'fw:{en}:meta';
const workers = ['worker-1', 'worker-2'] as const;

/** To the node that has the edition in which everything happens. A supervisor starts a killed node again, later than a replica takes over. */
export const clusterFaults: readonly Fault<ClusterSite>[] = [
  { name: 'nothing', rows: '-', isShort: true, strike: ({ isShort }) => lasting(isShort, 3_000).then(() => null) },
  {
    name: 'owner of the slot killed',
    rows: '4b',
    isShort: true,
    failsOver: true,
    strike: async ({ site: { cluster }, random }) => {
      await moment(random);
      const owner = await cluster.ownerOf(meta);
      await owner.kill();
      await pause(4_000);
      await cluster.startAgain(owner);
      await until(async () => (await cluster.ownerOf(meta)).port !== owner.port, 20_000, 'a replica has taken over');
      return null;
    },
  },
  {
    name: 'owner of the slot frozen',
    rows: '4b',
    isShort: true,
    failsOver: true,
    strike: async ({ site: { cluster }, random }) => {
      await moment(random);
      const owner = await cluster.ownerOf(meta);
      process.kill(owner.pid, 'SIGSTOP');
      await pause(7_000);
      process.kill(owner.pid, 'SIGCONT');
      return null;
    },
  },
  {
    name: 'slot moved',
    rows: '4b',
    isShort: true,
    strike: async ({ site: { cluster }, random }) => {
      await moment(random);
      await cluster.moveSlot(meta, await cluster.ownerOf('fw:{ar}:meta'));
      return null;
    },
  },
  {
    // A machine that is too busy: what the workers had blocked on is answered MOVED, and they read it too late.
    name: 'slot moved, workers frozen',
    rows: '4b',
    isShort: true,
    strike: async ({ site, random }) => {
      await moment(random);
      for (const worker of workers) await site.signal(worker, 'SIGSTOP');
      await site.cluster.moveSlot(meta, await site.cluster.ownerOf('fw:{_canary}:meta'));
      await pause(2_500);
      for (const worker of workers) await site.signal(worker, 'SIGCONT');
      return null;
    },
  },
  {
    name: 'node added',
    rows: '4b',
    strike: async ({ site: { cluster }, random }) => {
      await moment(random);
      await cluster.moveSlot(meta, await cluster.addShard());
      return null;
    },
  },
];
