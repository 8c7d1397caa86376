import { figure, type Measurement, percentile } from '../figures/figure.ts';
import { ReaderSwarm } from '../readers/reader-swarm.ts';
import { readerTargets } from '../readers/reader-target.ts';
import { settle } from '../run/delivery.ts';
import { join } from '../run/join.ts';
import { postItems } from '../run/poster.ts';
import { faultsOf, type Reach, warningsOf } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { type Stage, setStage, transportOf } from '../run/stage.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import { Sampler, seriesOf } from '../target/sampler.ts';

/** A flash goes out while other readers come back. */
export const stormFlash = defineScenario({
  name: 'storm-flash',
  summary: 'N readers stay while others return at once: a flash must reach those who stayed as soon as in quiet times.',
  options: {
    readers: { default: 5_000, min: 1, help: 'readers that stay' },
    returning: { default: 5_000, min: 1, help: 'readers that are cut and return at once, in each round' },
    rounds: { default: 10, min: 1, help: 'flashes in quiet times, and as many in storms' },
    'accept-rate': { default: 20_000, min: 1, help: 'new readers a second that the fan-out takes' },
    'after-ms': { default: 200, help: 'a flash is posted so long after the cut' },
  },
  run: measureStormFlash,
});

type StormFlashValues = CommonValues & {
  readonly readers: number;
  readonly returning: number;
  readonly rounds: number;
  readonly 'accept-rate': number;
  readonly 'after-ms': number;
};

/** From the append to each reader that stayed, ms. */
interface Flashes {
  readonly ms: readonly number[];
  readonly reaches: readonly Reach[];
  readonly backMs: readonly number[];
}

async function measureStormFlash(values: StormFlashValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage(values, bench, values['accept-rate']);
  const targets = readerTargets(stage.system.feedUrls, values.edition, values.query, 1, transportOf(values));
  await using others = await ReaderSwarm.start({ targets, readers: values.returning, processes: values.processes });
  await join(stage, values, bench);
  await join({ ...stage, swarm: others }, values, bench);
  using sampler = await Sampler.start(stage.system, bench.clock, 1_000);
  const quiet = await flash(stage, values, bench, null);
  const storm = await flash(stage, values, bench, others);
  const samples = await sampler.stop();
  const report = await stage.swarm.report();
  const [quietMs, stormMs] = [percentile(quiet.ms, 0.99), percentile(storm.ms, 0.99)];
  const label = 'flash after append, readers that stayed';
  return {
    settings: {
      readers: values.readers,
      returning: values.returning,
      rounds: values.rounds,
      ...(values.transport !== 'websocket' && { transport: values.transport }),
      processes: stage.swarm.processes,
      'fanout-processes': stage.system.feedUrls.length,
      'accept-rate': values['accept-rate'],
      'after-ms': values['after-ms'],
    },
    figures: [
      figure('quiet_p50', `${label}, quiet, p50`, percentile(quiet.ms, 0.5), 'ms'),
      figure('quiet_p99', `${label}, quiet, p99`, quietMs, 'ms'),
      figure('storm_p50', `${label}, storm, p50`, percentile(storm.ms, 0.5), 'ms'),
      figure('storm_p99', `${label}, storm, p99`, stormMs, 'ms'),
      figure('storm_ratio', `${label}, p99 in a storm to p99 in quiet`, quietMs && stormMs && stormMs / quietMs),
      figure('back_p50', 'reader back after', percentile(storm.backMs, 0.5), 'ms'),
      figure('back_max', 'all readers back after', percentile(storm.backMs, 1), 'ms'),
      ...runtimeFigures(samples),
    ],
    details: {},
    series: seriesOf(samples),
    warnings: [...warningsOf(report), ...warningsOf(await others.report())],
    faults: faultsOf(report, [...quiet.reaches, ...storm.reaches], values.readers),
  };
}

/** Posts flashes one after the other, each after `others` were cut. Null: nobody is cut. */
async function flash(
  stage: Stage,
  values: StormFlashValues,
  bench: Bench,
  others: ReaderSwarm | null,
): Promise<Flashes> {
  const { apiUrl, key, givenUrl } = stage.system;
  const expireAfterMs = givenUrl === null ? null : 600_000;
  const deps = { apiUrl, key, edition: values.edition, expireAfterMs, clock: bench.clock };
  const ms: number[] = [];
  const reaches: Reach[] = [];
  const backMs: number[] = [];
  for (let round = 0; round < values.rounds; round++) {
    bench.progress(`flash ${round + 1} of ${values.rounds}${others ? ` while ${others.readers} readers return` : ''}`);
    const returned = others?.cut(0);
    await new Promise((resolve) => setTimeout(resolve, values['after-ms']));
    await stage.swarm.takeLateness();
    const posted = await postItems(deps, { items: 1, perSecond: null, inFlight: 1 });
    reaches.push(...(await settle(stage, posted, bench)).reaches);
    ms.push(...(await stage.swarm.takeLateness()));
    backMs.push(...((await returned)?.backMs ?? []));
  }
  return { ms, reaches, backMs };
}
