import { type Figure, figure, type Measurement, type Series } from '../figures/figure.ts';
import { trendOf } from '../figures/trend.ts';
import { deliver } from '../run/delivery.ts';
import { generatorWarning, reachFigures } from '../run/delivery-figures.ts';
import { join } from '../run/join.ts';
import { faultsOf, warningsOf } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { setStage } from '../run/stage.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import { seriesOf } from '../target/sampler.ts';

/** A steady flow for a long time. */
export const soak = defineScenario({
  name: 'soak',
  summary: 'N readers and a steady flow for many minutes: what grows, and whether anything is ever lost.',
  options: {
    readers: { default: 1_000, min: 1, help: 'readers' },
    minutes: { default: 10, min: 0.1, help: 'minutes' },
    rate: { default: 3, min: 0.01, help: 'items a second' },
    'sample-seconds': { default: 5, min: 0.1, help: 'seconds between two looks at the processes' },
  },
  run: measureSoak,
});

type SoakValues = CommonValues & {
  readonly readers: number;
  readonly minutes: number;
  readonly rate: number;
  readonly 'sample-seconds': number;
};

async function measureSoak(values: SoakValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage(values, bench, 20_000);
  await join(stage, values, bench);
  const plan = { items: Math.ceil(values.minutes * 60 * values.rate), perSecond: values.rate, inFlight: 1 };
  const run = await deliver(stage, values, plan, bench, values['sample-seconds'] * 1_000);
  const readers = stage.swarm.readers;
  const series = seriesOf(run.samples);
  return {
    settings: {
      readers,
      minutes: values.minutes,
      items: plan.items,
      rate: values.rate,
      processes: stage.swarm.processes,
      'fanout-processes': stage.system.feedUrls.length,
    },
    figures: [...series.flatMap(trendFigures), ...reachFigures(run, readers), ...runtimeFigures(run.samples)],
    details: {},
    series,
    warnings: [...warningsOf(run.report), ...generatorWarning(run)],
    faults: faultsOf(run.report, run.reaches, readers),
  };
}

function trendFigures({ name, label, unit, points }: Series): readonly Figure[] {
  const { early, late, perMinute } = trendOf(points);
  return [
    figure(`${name}_early`, `${label}, median of the first third`, early, unit),
    figure(`${name}_late`, `${label}, median of the last third`, late, unit),
    ...(unit === 'MB'
      ? [
          figure(
            `${name}_growth`,
            `${label}, growth a minute after the first third`,
            perMinute && perMinute * 1_000,
            'kB',
          ),
        ]
      : []),
  ];
}
