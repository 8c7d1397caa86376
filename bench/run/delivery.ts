import type { Measurement } from '../figures/figure.ts';
import { wallOffset } from '../process/clock.ts';
import { cdfOf, reachCurves } from '../readers/latency.ts';
import type { ReaderSwarm } from '../readers/reader-swarm.ts';
import type { SwarmReport } from '../readers/swarm-report.ts';
import { Sampler, seriesOf } from '../target/sampler.ts';
import { costFigures, generatorWarning, type Run, reachFigures, redisFigures } from './delivery-figures.ts';
import { join, readerCommandFaults } from './join.ts';
import { type Posted, type PostPlan, postItems } from './poster.ts';
import { faultsOf, lostOf, type Reach, reachOf, warningsOf } from './reach.ts';
import type { Bench } from './scenario.ts';
import { look, type Stage, type StageOptions, setStage } from './stage.ts';

/** Connects the readers, posts the plan through the whole path, waits for the last reader, and says what it cost. */
export async function measureDelivery(values: StageOptions, plan: PostPlan, bench: Bench): Promise<Measurement> {
  // The shipped accept rate protects a site; here it would only make joining take longer.
  await using stage = await setStage(values, bench, 20_000);
  const joined = await join(stage, values, bench);
  const run = await deliver(stage, values, plan, bench);
  const readers = stage.swarm.readers;
  return {
    settings: {
      readers,
      items: plan.items,
      rate: plan.perSecond ?? 'as fast as the API takes them',
      processes: stage.swarm.processes,
      'fanout-processes': stage.system.feedUrls.length,
      ...(values.transport !== 'websocket' && { transport: values.transport }),
      'connect-rate': values['connect-rate'],
    },
    figures: [
      ...reachFigures(run, readers),
      ...costFigures(run, joined, stage),
      ...redisFigures(run, joined, stage, plan.items),
    ],
    details: {
      'Redis while readers joined': joined.commands?.byName ?? {},
      'Redis while items went out': run.commands?.byName ?? {},
    },
    series: seriesOf(run.samples),
    warnings: [...warningsOf(run.report), ...generatorWarning(run)],
    faults: [...faultsOf(run.report, run.reaches, readers), ...readerCommandFaults(joined.commands, stage, readers)],
    cdf: cdfOf(run.latency),
    reach: reachCurves(run.latency, readers),
  };
}

/** Waits until every reader has every item, or nothing has moved for 5 s. */
export async function settle(
  stage: { readonly swarm: Pick<ReaderSwarm, 'report' | 'readers'> },
  posted: readonly Posted[],
  bench: Bench,
): Promise<{ readonly report: SwarmReport; readonly reaches: readonly Reach[] }> {
  let least = Number.POSITIVE_INFINITY;
  let movedAt = bench.clock();
  for (;;) {
    const report = await stage.swarm.report();
    const reaches = reachOf(posted, report, wallOffset(bench.clock));
    const lost = lostOf(reaches, stage.swarm.readers);
    if (lost < least) movedAt = bench.clock();
    least = Math.min(least, lost);
    if (lost === 0 || bench.clock() - movedAt > 5_000) return { report, reaches };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Posts the plan to readers that are connected and waits for the last of them. */
export async function deliver(
  stage: Stage,
  values: StageOptions,
  plan: PostPlan,
  bench: Bench,
  sampleMs = 1_000,
): Promise<Run> {
  bench.progress(`posting ${plan.items} items${plan.perSecond === null ? '' : `, ${plan.perSecond} a second`}`);
  const { apiUrl, key, givenUrl } = stage.system;
  const expireAfterMs = givenUrl === null ? null : 600_000;
  await stage.swarm.takeLatency();
  const reportBefore = await stage.swarm.report();
  const stopCount = await stage.counter?.start();
  using sampler = await Sampler.start(stage.system, bench.clock, sampleMs);
  const before = look(stage.system, bench);
  const posted = await postItems({ apiUrl, key, edition: values.edition, expireAfterMs, clock: bench.clock }, plan);
  const { report, reaches } = await settle(stage, posted, bench);
  const commands = (await stopCount?.()) ?? null;
  const after = look(stage.system, bench);
  const samples = await sampler.stop();
  const latency = await stage.swarm.takeLatency();
  return { posted, reaches, latency, reportBefore, report, before, after, commands, samples };
}
