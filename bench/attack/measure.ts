import { type Figure, figure, type Measurement, percentile, type Series } from '../figures/figure.ts';
import { quantileMs } from '../figures/histogram.ts';
import type { Transport } from '../readers/reader-target.ts';
import type { SwarmReport } from '../readers/swarm-report.ts';
import { settle } from '../run/delivery.ts';
import { OptionError } from '../run/option.ts';
import { type Posted, postItems } from '../run/poster.ts';
import { type Reach, warningsOf } from '../run/reach.ts';
import type { Bench, CommonValues } from '../run/scenario.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import { Sampler, type Samples, seriesOf } from '../target/sampler.ts';
import { Attack, type AttackDone, pacesOf, requestsPerSecond, startStandIn } from './attack.ts';
import { type AttackOutcome, brokenBounds } from './bounds.ts';
import { type Field, positionOf, setField, type Way, ways } from './field.ts';
import { lanes } from './lanes.ts';
import { type Growth, MemoryWatch } from './memory-watch.ts';
import { PageProbe, type Probed } from './page-probe.ts';

export interface AttackValues extends CommonValues {
  readonly readers: number;
  readonly seconds: number;
  readonly 'before-seconds': number;
  /** 0: as long as the attack. */
  readonly 'control-seconds': number;
  readonly connections: number;
  readonly addresses: number;
  readonly way: string;
}

const itemsPerSecond = 1;
const manyAddresses = 1_000;

/** Attacks through each way that is asked for, from one address and from many, and repeats each attack against a stand-in. */
export async function measureAttacks(values: AttackValues, bench: Bench): Promise<Measurement> {
  if (values.url !== '') throw new OptionError('--url: an attack stays on a system that the bench has started');
  const runs: AttackRun[] = [];
  for (const way of waysOf(values.way))
    for (const addresses of values.addresses === 0 ? [1, manyAddresses] : [values.addresses])
      runs.push(await measureOne({ ...values, way, addresses }, bench));
  return {
    settings: {
      readers: values.readers,
      rate: itemsPerSecond,
      seconds: values.seconds,
      controlSeconds: values['control-seconds'] || values.seconds,
      connections: values.connections,
    },
    figures: runs.flatMap((run) => run.figures),
    details: Object.assign({}, ...runs.map((run) => run.details)),
    series: runs.flatMap((run) => run.series),
    warnings: runs.flatMap((run) => run.warnings),
    faults: runs.flatMap((run) => run.faults),
  };
}

type AttackRun = Pick<Measurement, 'figures' | 'details' | 'warnings' | 'faults'> & {
  readonly series: readonly Series[];
};

type OneValues = Omit<AttackValues, 'way'> & { readonly way: Way };

function waysOf(text: string): readonly Way[] {
  if (text === 'both') return ways;
  const way = ways.find((one) => one === text);
  if (way === undefined) throw new OptionError(`--way: both, ${ways.join(' or ')}, not "${text}"`);
  return [way];
}

async function measureOne(values: OneValues, bench: Bench): Promise<AttackRun> {
  const name = `${values.way === 'nginx' ? 'through nginx' : 'directly'}, from ${values.addresses === 1 ? 'one address' : `${values.addresses} addresses`}`;
  const progress = (text: string) => bench.progress(`${name}: ${text}`);
  const own: Bench = { ...bench, progress };
  await using field = await setField(values, own);
  const { knowledge, system, swarm, origin } = field;
  const attackOn = (port: number, paces: ReturnType<typeof pacesOf> | null) =>
    new Attack({
      host: '127.0.0.1',
      port,
      addresses: values.addresses,
      connections: values.connections,
      knowledge,
      paces,
    });
  const probes = Object.entries(field.origins).map(
    ([way, url]) =>
      [way, new PageProbe(url, { edition: values.edition, newest: newestOf(field) }, bench.clock)] as const,
  );
  progress('without an attack');
  await follow(field, values, values['before-seconds'], own);

  using memory = new MemoryWatch(field.processes);
  progress('under attack');
  using attack = attackOn(Number(new URL(origin).port), null);
  const attacked = await follow(field, values, values.seconds, own);
  const done = await attack.stop();
  const growths = memory.stop();

  progress('the same requests against a stand-in');
  await using standIn = await startStandIn();
  const connectionsOf = (lane: string) => {
    const index = lanes.findIndex((one) => one.name === lane);
    return Math.ceil((values.connections - index) / lanes.length);
  };
  using repeated = attackOn(standIn.port, pacesOf(done, connectionsOf));
  const control = await follow(field, values, values['control-seconds'] || values.seconds, own);
  const repeatedDone = await repeated.stop();
  const pages: Record<string, readonly Probed[]> = {};
  for (const [way, probe] of probes) pages[way] = await probe.stop();

  const outcome: AttackOutcome = {
    readers: swarm.readers,
    reaches: [...attacked.reaches, ...control.reaches],
    report: control.report,
    epochs: [knowledge.epoch, (await positionOf(system.feedUrl, values.edition)).epoch],
    deliveries: [...attacked.p99Ms].map(([transport, attackP99Ms]) => ({
      transport,
      attackP99Ms,
      controlP99Ms: control.p99Ms.get(transport) ?? null,
    })),
    pages,
    growths,
    attackRequests: requestsPerSecond(done),
    controlRequests: requestsPerSecond(repeatedDone),
  };
  const from = { done, repeatedDone, samples: attacked.samples, report: control.report };
  return runOf(name, `${values.way}_${values.addresses}`, outcome, from);
}

interface AttackSources {
  readonly done: AttackDone;
  readonly repeatedDone: AttackDone;
  readonly samples: Samples;
  readonly report: SwarmReport;
}

/** What the attack and its repetition against the stand-in came to. */
function runOf(name: string, prefix: string, outcome: AttackOutcome, from: AttackSources): AttackRun {
  const { done, repeatedDone, samples, report } = from;
  return {
    figures: [
      ...attackFigures(outcome, done, repeatedDone),
      ...deliveryFigures(outcome),
      ...pageFigures(outcome.pages),
      ...memoryFigures(outcome.growths),
      ...runtimeFigures(samples),
    ].map((one) => ({ ...one, name: `${prefix}_${one.name}`, run: name })),
    details: Object.fromEntries(
      Object.entries(done.lanes).map(([lane, { turns, requests, ended, unanswered, statuses }]) => [
        `${name}: ${lane}`,
        { turns, requests, ...statuses, ended, unanswered },
      ]),
    ),
    series: seriesOf(samples).map((one) => ({ ...one, label: `${one.label}, ${name}` })),
    warnings: warningsOf(report).map((warning) => `${name}: ${warning}`),
    faults: brokenBounds(outcome).map((fault) => `${name}: ${fault}`),
  };
}

function newestOf({ knowledge }: Field): string {
  return knowledge.shown.at(-1) ?? '';
}

interface Followed {
  readonly posted: readonly Posted[];
  readonly reaches: readonly Reach[];
  readonly report: SwarmReport;
  readonly p99Ms: ReadonlyMap<Transport, number | null>;
  readonly samples: Samples;
}

/** Posts one item a second for so long, and waits until the readers have all of it. */
async function follow(field: Field, { edition }: CommonValues, seconds: number, bench: Bench): Promise<Followed> {
  const { apiUrl, key } = field.system;
  for (const { swarm } of field.crowds) await swarm.takeLatency();
  using sampler = await Sampler.start(field.system, bench.clock, 1_000);
  const posted = await postItems(
    { apiUrl, key, edition, expireAfterMs: null, clock: bench.clock },
    { items: Math.ceil(seconds * itemsPerSecond), perSecond: itemsPerSecond, inFlight: 1 },
  );
  const { report, reaches } = await settle(field, posted, bench);
  const p99Ms = new Map<Transport, number | null>();
  for (const { transport, swarm } of field.crowds)
    p99Ms.set(transport, quantileMs((await swarm.takeLatency()).histogram, 0.99));
  return { posted, reaches, report, p99Ms, samples: await sampler.stop() };
}

function attackFigures(outcome: AttackOutcome, attack: AttackDone, control: AttackDone): readonly Figure[] {
  const cores = ({ cpuMs, seconds }: AttackDone) => cpuMs / (seconds * 1_000);
  return [
    figure('requests_attack', 'requests of the attack', outcome.attackRequests, 'per second'),
    figure('requests_control', 'requests of the control', outcome.controlRequests, 'per second'),
    figure('attacker_cpu_attack', 'CPU of the attacker, attack', cores(attack), 'cores'),
    figure('attacker_cpu_control', 'CPU of the attacker, control', cores(control), 'cores'),
  ];
}

function deliveryFigures({ deliveries, reaches, readers }: AttackOutcome): readonly Figure[] {
  return [
    figure(
      'deliveries',
      'items that readers have',
      reaches.reduce((sum, reach) => sum + reach.readers, 0),
    ),
    figure('deliveries_due', 'items that readers should have', readers * reaches.length),
    ...deliveries.flatMap(({ transport, attackP99Ms, controlP99Ms }) => [
      figure(`p99_attack_${transport}`, `delivery over ${transport}, p99, attack`, attackP99Ms, 'ms'),
      figure(`p99_control_${transport}`, `delivery over ${transport}, p99, control`, controlP99Ms, 'ms'),
    ]),
  ];
}

function pageFigures(pages: AttackOutcome['pages']): readonly Figure[] {
  return Object.entries(pages).flatMap(([way, probed]) => {
    const ms = probed.flatMap((page) => page.ms);
    const refused = probed.reduce((sum, page) => sum + Object.values(page.refused).reduce((a, b) => a + b, 0), 0);
    const id = way.replaceAll(' ', '_');
    return [
      figure(`pages_${id}`, `common pages asked for ${way}`, ms.length + refused),
      figure(`pages_refused_${id}`, `common pages refused ${way}`, refused),
      figure(`pages_p99_${id}`, `common page answered ${way}, p99`, percentile(ms, 0.99), 'ms'),
    ];
  });
}

function memoryFigures(growths: readonly Growth[]): readonly Figure[] {
  return growths.map(({ name, startBytes, mostBytes }, i) =>
    figure(`growth_${i}_${name}`, `RSS of ${name}, most above its start`, (mostBytes - startBytes) / 1e6, 'MB'),
  );
}
