import type { GrowthCurve, Measurement } from '../figures/figure.ts';
import { growthFigures } from '../figures/growth.ts';
import { BenchError } from '../process/bench-error.ts';
import { type PosterDeps, postItems } from '../run/poster.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { type SystemUnderTest, startLocalSystem } from '../target/server.ts';
import { entryCost } from './entry-cost.ts';
import { type FleetCost, ReplayedFleet } from './fleet-cost.ts';
import { loadCost, reloadAll } from './load-cost.ts';

/** Costs that must not grow with what they have nothing to do with. */
export const growth = defineScenario({
  name: 'growth',
  summary:
    'What an entry, a report, the roll call and a reload cost with more and more feeds, fan-outs, items and editions.',
  options: {
    most: { default: 1_000, min: 10, help: 'fan-outs and items; the smaller sizes are a tenth of it, and so on' },
    feeds: { default: 4_000, min: 10, help: 'feeds' },
    editions: { default: 300, min: 10, help: 'editions that are read again at once' },
  },
  run: measureGrowth,
});

type GrowthValues = CommonValues & { readonly most: number; readonly feeds: number; readonly editions: number };

async function measureGrowth(values: GrowthValues, bench: Bench): Promise<Measurement> {
  const growth = [...feedCurves(values, bench)];
  await using system = await startLocalSystem({
    env: bench.env,
    acceptRate: null,
    isLimited: false,
    fanoutProcesses: 1,
  });
  growth.push(...(await fleetCurves(values, system, bench)));
  const loads = await loadCurves(values, system, bench);
  growth.push(...loads.curves);
  return {
    settings: { most: values.most, feeds: values.feeds, editions: values.editions },
    figures: growth.flatMap(growthFigures),
    details: {},
    growth,
    warnings: loads.failed === 0 ? [] : [`${loads.failed} loads failed and were tried again`],
    faults: [],
  };
}

/** Three orders of magnitude up to the largest. */
function sizes(most: number): readonly number[] {
  return [...new Set([most / 1_000, most / 100, most / 10, most].map((size) => Math.max(1, Math.round(size))))];
}

async function curveOf(
  about: Omit<GrowthCurve, 'points'>,
  most: number,
  measure: (size: number) => number | Promise<number>,
): Promise<GrowthCurve> {
  const points: [number, number][] = [];
  for (const size of sizes(most)) points.push([size, await measure(size)]);
  return { ...about, points };
}

function feedCurves({ feeds }: GrowthValues, bench: Bench): readonly GrowthCurve[] {
  const points = sizes(feeds).map((size): [number, number] => {
    bench.progress(`entries that are for none of ${size} feeds`);
    return [size, entryCost(size)];
  });
  return [
    {
      name: 'entry',
      label: 'CPU of a fan-out per entry that is for none of its feeds',
      of: 'feeds',
      unit: 'us',
      points,
    },
  ];
}

const fleetCosts = [
  {
    name: 'saves',
    label: 'Redis commands that save the reports of an item',
    unit: '',
    cost: (one) => one.savesPerItem,
  },
  { name: 'api', label: 'CPU of the api per report', unit: 'us', cost: (one) => one.apiMsPerReport * 1_000 },
  {
    name: 'fanout',
    label: 'CPU of a fan-out per second of the roll call',
    unit: 'ms',
    cost: (one) => one.fanoutMsPerSecond,
  },
  {
    name: 'bytes',
    label: 'bytes that Redis sends per second and fan-out for the roll call',
    unit: 'bytes',
    cost: (one, fanouts) => one.bytesPerSecond / fanouts,
  },
] as const satisfies readonly (Pick<GrowthCurve, 'name' | 'label' | 'unit'> & {
  cost(of: FleetCost, fanouts: number): number;
})[];

/** The fan-outs but one are replayed from what the real one reports. */
async function fleetCurves(
  values: GrowthValues,
  system: SystemUnderTest,
  bench: Bench,
): Promise<readonly GrowthCurve[]> {
  const api = system.processes.find(({ name }) => name === 'api');
  const [fanoutPid] = system.fanoutPids;
  if (!api || fanoutPid === undefined || system.redisUrl === null) throw new BenchError('a process is missing');
  const post = async () =>
    void (await postItems(posterOf(system, values, bench), { items: 1, perSecond: null, inFlight: 1 }));
  await using fleet = new ReplayedFleet({ redisUrl: system.redisUrl, apiPid: api.pid, fanoutPid, post });
  await fleet.start();
  const measured: (readonly [number, FleetCost])[] = [];
  for (const size of sizes(values.most)) {
    bench.progress(`reports and roll calls of ${size} fan-outs`);
    measured.push([size, await fleet.measure(size)]);
  }
  return fleetCosts.map(({ cost, ...about }) => ({
    ...about,
    of: 'fan-outs',
    points: measured.map(([size, one]) => [size, cost(one, size)] as const),
  }));
}

async function loadCurves(
  values: GrowthValues,
  system: SystemUnderTest,
  bench: Bench,
): Promise<{ readonly curves: readonly GrowthCurve[]; readonly failed: number }> {
  const { redisUrl } = system;
  if (redisUrl === null) throw new BenchError('Redis is missing');
  let posted = 0;
  const commands: [number, number][] = [];
  for (const size of sizes(values.most)) {
    bench.progress(`loads of an edition with ${size} items`);
    if (size > posted) await fill(system, values, size - posted, bench);
    posted = Math.max(posted, size);
    commands.push([size, (await loadCost(redisUrl, values.edition)).commands]);
  }
  let failed = 0;
  const all = await curveOf(
    {
      name: 'reloads',
      label: `ms until all editions, of ${posted} items each, are read again`,
      of: 'editions',
      unit: 'ms',
    },
    values.editions,
    async (editions) => {
      bench.progress(`${editions} editions are read again at once`);
      const done = await reloadAll(redisUrl, values.edition, editions);
      failed += done.failed;
      return done.ms;
    },
  );
  const curves: readonly GrowthCurve[] = [
    { name: 'load', label: 'Redis commands per load of an edition', of: 'items', unit: '', points: commands },
  ];
  return { curves: [...curves, all], failed };
}

/** Posts items, and waits until they are in the log. */
async function fill(system: SystemUnderTest, values: GrowthValues, items: number, bench: Bench): Promise<void> {
  await postItems(posterOf(system, values, bench), { items, perSecond: null, inFlight: 8, waitSeconds: 60 });
}

function posterOf({ apiUrl, key }: SystemUnderTest, { edition }: GrowthValues, { clock }: Bench): PosterDeps {
  return { apiUrl, key, edition, expireAfterMs: null, clock };
}
