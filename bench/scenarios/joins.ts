import { type Figure, figure, type Measurement, percentile } from '../figures/figure.ts';
import { ReaderSwarm } from '../readers/reader-swarm.ts';
import { readerTargets } from '../readers/reader-target.ts';
import type { SwarmReport } from '../readers/swarm-report.ts';
import { join, readerCommandFaults } from '../run/join.ts';
import { faultsOf, warningsOf } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { type Stage, setStage, transportOf } from '../run/stage.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import { Sampler, seriesOf } from '../target/sampler.ts';

/** What a join costs a process that has just started, and one that has run for a while. */
export const joins = defineScenario({
  name: 'joins',
  summary: 'N readers join and leave, several times: what a join costs in a cold process and in a warm one.',
  options: {
    readers: { default: 10_000, min: 1, help: 'readers' },
    rounds: { default: 5, min: 2, help: 'times that all readers join; the first is the cold one' },
  },
  run: measureJoins,
});

type JoinsValues = CommonValues & { readonly readers: number; readonly rounds: number };

async function measureJoins(values: JoinsValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage(values, bench, 20_000);
  using sampler = await Sampler.start(stage.system, bench.clock, 1_000);
  const microseconds: number[] = [];
  const warnings: string[] = [];
  const faults: string[] = [];
  for (let round = 0; round < values.rounds; round++) {
    const { us, report, commandFaults } = await joinOnce(stage, values, bench, round);
    microseconds.push(us);
    warnings.push(...warningsOf(report));
    faults.push(...faultsOf(report, [], values.readers), ...commandFaults);
  }
  const samples = await sampler.stop();
  return {
    settings: {
      readers: values.readers,
      rounds: values.rounds,
      ...(values.transport !== 'websocket' && { transport: values.transport }),
      processes: stage.swarm.processes,
      'fanout-processes': stage.system.feedUrls.length,
      'connect-rate': values['connect-rate'],
    },
    figures: [...joinFigures(microseconds), ...runtimeFigures(samples)],
    details: {},
    series: seriesOf(samples),
    warnings,
    faults,
  };
}

/** New readers without a position: each gets a snapshot. The first round takes the readers of the stage. */
async function joinOnce(
  stage: Stage,
  values: JoinsValues,
  bench: Bench,
  round: number,
): Promise<{ readonly us: number; readonly report: SwarmReport; readonly commandFaults: readonly string[] }> {
  const { feedUrls } = stage.system;
  const targets = readerTargets(feedUrls, values.edition, values.query, 1, transportOf(values));
  const { readers, processes } = values;
  const swarm = round === 0 ? stage.swarm : await ReaderSwarm.start({ targets, readers, processes });
  try {
    const { before, after, commands } = await join({ ...stage, swarm }, values, bench);
    const cpuMs = before.fanout && after.fanout ? after.fanout.cpuMs - before.fanout.cpuMs : Number.NaN;
    return {
      us: (cpuMs * 1_000) / readers,
      report: await swarm.report(),
      commandFaults: readerCommandFaults(commands, stage, readers),
    };
  } finally {
    await swarm[Symbol.asyncDispose]();
  }
}

function joinFigures([cold = Number.NaN, ...warm]: readonly number[]): readonly Figure[] {
  return [
    figure('join_cpu_cold', 'CPU of the fan-out per joining reader, first round', cold, 'us'),
    figure('join_cpu_warm', 'CPU of the fan-out per joining reader, later rounds, p50', percentile(warm, 0.5), 'us'),
    figure('join_cpu_warm_max', 'CPU of the fan-out per joining reader, later rounds, max', percentile(warm, 1), 'us'),
  ];
}
