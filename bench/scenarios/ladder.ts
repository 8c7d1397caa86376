import { figure, type Measurement, percentile } from '../figures/figure.ts';
import { words } from '../readers/swarm-report.ts';
import { deliver } from '../run/delivery.ts';
import { deliveries, type Run } from '../run/delivery-figures.ts';
import { faultsOf } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { type Stage, setStage } from '../run/stage.ts';
import { readMetrics } from '../target/metrics-reading.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import { type Broken, brokenBy, nextReaders, type Objectives, type Rung, readersUnder } from './rung.ts';

/** Ever more readers, until something gives. */
export const ladder = defineScenario({
  name: 'ladder',
  summary: 'Raises the readers of one running system until an objective breaks, and says which and where.',
  options: {
    start: { default: 2_000, min: 1, help: 'readers on the lowest rung' },
    step: { default: 2_000, help: 'readers more on each rung; 0: half as many again' },
    'max-readers': {
      default: 0,
      help: 'no rung above that; 0: as many as the fan-out processes can have, 19,000 each',
    },
    items: { default: 15, min: 1, help: 'items on each rung' },
    rate: { default: 3, min: 0.01, help: 'items a second' },
    'max-last-ms': { default: 500, min: 1, help: 'objective: from POST to the last reader, worst item' },
    'max-loop-p99-ms': {
      default: 50,
      min: 1,
      help: 'objective: event-loop delay of the fan-out, p99 of the worst sample',
    },
    'max-rss-kb': {
      default: 8,
      min: 0.1,
      help: 'objective: RSS a reader, beyond the lowest rung; judged from 5,000 readers above it',
    },
  },
  run: measureLadder,
});

type LadderValues = CommonValues & {
  readonly start: number;
  readonly step: number;
  readonly 'max-readers': number;
  readonly items: number;
  readonly rate: number;
  readonly 'max-last-ms': number;
  readonly 'max-loop-p99-ms': number;
  readonly 'max-rss-kb': number;
};

interface Climb {
  readonly rungs: readonly Rung[];
  readonly broken: readonly Broken[];
}

async function measureLadder(values: LadderValues, bench: Bench): Promise<Measurement> {
  const most = values['max-readers'] === 0 ? readersUnder(20_000) * values['fanout-processes'] : values['max-readers'];
  await using stage = await setStage({ ...values, readers: most }, bench, 20_000);
  const { rungs, broken } = await climb(stage, values, most, bench);
  const held = broken.length === 0 || broken[0]?.objective === 'file descriptors' ? rungs.at(-1) : rungs.at(-2);
  const top = rungs.at(-1);
  return {
    settings: {
      start: values.start,
      step: values.step === 0 ? 'x1.5' : values.step,
      items: values.items,
      rate: values.rate,
      'max-last-ms': values['max-last-ms'],
      'max-loop-p99-ms': values['max-loop-p99-ms'],
      'max-rss-kb': values['max-rss-kb'],
      processes: stage.swarm.processes,
      'fanout-processes': stage.system.feedUrls.length,
    },
    figures: [
      figure('held', 'readers on the last rung that held', held?.readers ?? null),
      figure('held_last_max', 'last reader after POST there, max', held?.lastMs ?? null, 'ms'),
      figure('held_loop_p99', 'event-loop delay there, p99 of the worst sample', held?.loopP99Ms ?? null, 'ms'),
      figure('held_rss_per_reader', 'RSS per reader there, beyond the lowest rung', held?.rssKb ?? null, 'kB'),
      figure('broke', 'readers on the rung that broke', held === top ? null : (top?.readers ?? null)),
    ],
    details: Object.fromEntries(rungs.map((rung) => [`${rung.readers} readers`, detailsOf(rung)])),
    warnings: verdictOf(broken, top),
    faults: top?.faults ?? [],
  };
}

async function climb(stage: Stage, values: LadderValues, most: number, bench: Bench): Promise<Climb> {
  const maxFiles = (await readMetrics(stage.system.metricsUrls))?.maxFiles ?? null;
  const objectives: Objectives = {
    maxLastMs: values['max-last-ms'],
    maxLoopP99Ms: values['max-loop-p99-ms'],
    maxRssKb: values['max-rss-kb'],
  };
  const rungs: Rung[] = [];
  let lowest: Footing | null = null;
  for (let readers = values.start; readers <= most; ) {
    const { rung, footing } = await climbTo(stage, readers, values, lowest, bench);
    lowest ??= footing;
    rungs.push(rung);
    const broken = brokenBy(rung, objectives);
    if (broken.length > 0) return { rungs, broken };
    const next = nextReaders(readers, values.step, maxFiles);
    if (next === null)
      return {
        rungs,
        broken: [
          {
            objective: 'file descriptors',
            detail: `${stage.system.feedUrls.length} fan-out processes can have ${readersUnder(maxFiles ?? 0)} readers: raise the limit of open files, or --fanout-processes`,
          },
        ],
      };
    readers = next;
  }
  return { rungs, broken: [] };
}

/** The lowest rung: what memory is compared with. A process that has just started grows by much that no reader needs. */
interface Footing {
  readonly readers: number;
  readonly rssBytes: number | null;
}

async function climbTo(stage: Stage, readers: number, values: LadderValues, lowest: Footing | null, bench: Bench) {
  bench.progress(`${readers} readers`);
  const report = await stage.swarm.connect(values['connect-rate'], readers);
  if (report.open < readers) {
    const why = words(report.refused) || words(report.dropped) || 'no answer';
    const faults = [`only ${report.open} of ${readers} readers could connect: ${why}`];
    const none = { lastMs: null, loopP99Ms: null, rssKb: null, generatorMs: 0, generatorShare: 0 };
    return { rung: { readers, ...none, faults }, footing: lowest };
  }
  // What joining left behind is collected before it is measured.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const plan = { items: values.items, perSecond: values.rate, inFlight: 1 };
  const run = await deliver(stage, { ...values, readers }, plan, bench);
  const footing = { readers, rssBytes: run.after.fanout?.rssBytes ?? null };
  return { rung: rungOf(run, footing, lowest), footing };
}

function rungOf(run: Run, { readers, rssBytes }: Footing, lowest: Footing | null): Rung {
  const { report, reportBefore, before, after } = run;
  const cpuMs = report.cpuMs - reportBefore.cpuMs;
  const perProcess = readers / report.processes;
  const lowestBytes = lowest?.rssBytes ?? null;
  const loop = runtimeFigures(run.samples).find((one) => one.name === 'loop_delay_p99');
  return {
    readers,
    lastMs: percentile(
      run.reaches.flatMap((reach) => reach.lastMs ?? []),
      1,
    ),
    loopP99Ms: loop?.value ?? null,
    rssKb:
      lowest === null || lowestBytes === null || rssBytes === null || readers - lowest.readers < fewestForMemory
        ? null
        : (rssBytes - lowestBytes) / (readers - lowest.readers) / 1_000,
    generatorMs: (cpuMs / Math.max(1, deliveries(run))) * perProcess,
    generatorShare: cpuMs / (after.at - before.at) / report.processes,
    faults: faultsOf(report, run.reaches, readers),
  };
}

/** With fewer readers a heap that grows by a few MB more or less is all that is seen. */
const fewestForMemory = 5_000;

function detailsOf(rung: Rung): Readonly<Record<string, number>> {
  const rounded = {
    'last reader ms': rung.lastMs,
    'loop p99 ms': rung.loopP99Ms,
    'RSS kB a reader': rung.rssKb,
    'readers busy %': rung.generatorShare * 100,
    'reading an item ms': rung.generatorMs,
  };
  return Object.fromEntries(
    Object.entries(rounded).flatMap(([name, value]) => (value === null ? [] : [[name, Math.round(value * 10) / 10]])),
  );
}

function verdictOf(broken: readonly Broken[], top: Rung | undefined): readonly string[] {
  if (broken.length === 0) return [`every objective held up to ${top?.readers ?? 0} readers: this is not the limit`];
  return broken.map(({ objective, detail }) =>
    objective === 'generator'
      ? `the readers of the bench were the limit, not the server: ${detail} (try --processes, or another machine)`
      : `what broke: ${objective}: ${detail}`,
  );
}
