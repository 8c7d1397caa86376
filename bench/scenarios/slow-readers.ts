import type { Measurement } from '../figures/figure.ts';
import { readerTarget } from '../readers/reader-target.ts';
import { SlowSwarm } from '../readers/slow-swarm.ts';
import { total } from '../readers/swarm-report.ts';
import { join } from '../run/join.ts';
import { postFor } from '../run/phase.ts';
import { faultsOf, warningsOf } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { slowFaults, slowFigures } from '../run/slow-figures.ts';
import { type Stage, setStage } from '../run/stage.ts';
import { Sampler, seriesOf } from '../target/sampler.ts';

/** A few readers that hardly read, among many that do. */
export const slowReaders = defineScenario({
  name: 'slow-readers',
  summary:
    'A share of the readers hardly reads: each is skipped, then given a snapshot, and the others must not notice. Needs a C compiler.',
  options: {
    readers: { default: 1_000, min: 10, help: 'readers, slow ones included' },
    'slow-percent': { default: 10, min: 1, help: 'share of them that is slow' },
    rate: { default: 200, min: 1, help: 'items a second' },
    'item-bytes': { default: 1_500, min: 500, help: 'bytes of an item' },
    'before-seconds': { default: 10, min: 1, help: 'seconds of posting without slow readers, to compare with' },
    seconds: {
      default: 40,
      min: 1,
      help: 'seconds of posting with slow readers; they have to fall off the ring of 1,024',
    },
    'slow-bytes-per-second': { default: 1_000, min: 1, help: 'what a slow reader reads' },
    'receive-buffer': { default: 4_096, min: 1, help: 'SO_RCVBUF of a slow reader; the kernel doubles it' },
    'drain-bytes-per-second': {
      default: 100_000,
      min: 1,
      help: 'what a slow reader reads once the posting is over: what stands in the kernel by then is megabytes, and its snapshot comes behind them',
    },
    'max-seconds': {
      default: 240,
      min: 1,
      help: 'after that time the run ends, whether they have their snapshots or not',
    },
  },
  run: measureSlowReaders,
});

export type SlowValues = CommonValues & {
  readonly readers: number;
  readonly 'slow-percent': number;
  readonly rate: number;
  readonly 'item-bytes': number;
  readonly 'before-seconds': number;
  readonly seconds: number;
  readonly 'slow-bytes-per-second': number;
  readonly 'receive-buffer': number;
  readonly 'drain-bytes-per-second': number;
  readonly 'max-seconds': number;
};

async function measureSlowReaders(values: SlowValues, bench: Bench): Promise<Measurement> {
  const slowCount = Math.max(1, Math.round((values.readers * values['slow-percent']) / 100));
  const options = { ...values, readers: values.readers - slowCount };
  const endAt = bench.clock() + values['max-seconds'] * 1_000;
  await using stage = await setStage(options, bench, 20_000);
  await join(stage, options, bench);
  const before = await postFor(stage, values, values['before-seconds'], bench);
  bench.progress(`connecting ${slowCount} slow readers`);
  const swarmOptions = {
    readers: slowCount,
    bytesPerSecond: values['slow-bytes-per-second'],
    receiveBuffer: values['receive-buffer'],
  };
  const target = readerTarget(stage.system.feedUrl, values.edition, values.query);
  await using slow = await SlowSwarm.start(swarmOptions, target);
  const during = await postFor(stage, values, values.seconds, bench);
  const run = { before, during, ...(await drain(stage, slow, values, endAt, bench)) };
  return {
    settings: {
      readers: values.readers,
      slow: slowCount,
      rate: values.rate,
      'item-bytes': values['item-bytes'],
      'slow-bytes-per-second': values['slow-bytes-per-second'],
      'receive-buffer': values['receive-buffer'],
      'drain-bytes-per-second': values['drain-bytes-per-second'],
      processes: stage.swarm.processes,
    },
    figures: slowFigures(run, slowCount),
    details: {
      'slow readers closed by the server': run.drained.closed,
      'snapshots of slow readers': run.drained.snapshots,
    },
    series: seriesOf([...before.samples, ...during.samples, ...run.drainSamples]),
    warnings: warningsOf(during.report),
    faults: [
      ...faultsOf(during.report, [...before.reaches, ...during.reaches], options.readers),
      ...slowFaults(run, slowCount),
    ],
  };
}

async function drain(stage: Stage, slow: SlowSwarm, values: SlowValues, endAt: number, bench: Bench) {
  bench.progress(`waiting until every slow reader has its snapshot, now at ${values['drain-bytes-per-second']} B/s`);
  const stuck = slow.status;
  const start = bench.clock();
  using sampler = await Sampler.start(stage.system, bench.clock, 1_000);
  slow.setRate(values['drain-bytes-per-second']);
  const isServed = await slow.until(
    Math.max(1_000, endAt - start),
    (status) => status.readersWithGap + total(status.closed) >= slow.readers,
  );
  const drainMs = isServed ? bench.clock() - start : null;
  // What the process held for them is free now, and the kernel has had a moment to take it back.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  return { stuck, drained: slow.status, drainMs, drainSamples: await sampler.stop() };
}
