import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Figure, figure, percentile, type Result } from './figure.ts';
import { type FloodOrder, type FloodTally, tallySchema } from './flood-message.ts';
import { join } from './join.ts';
import { machine } from './machine.ts';
import { latencyFigures, type Phase, postFor } from './phase.ts';
import { faultsOf, warningsOf } from './reach.ts';
import { readerTarget } from './reader-target.ts';
import { runtimeFigures } from './runtime-figures.ts';
import { seriesOf } from './sampler.ts';
import { type Bench, type CommonValues, defineScenario } from './scenario.ts';
import { setStage } from './stage.ts';

/** Somebody opens connections as fast as they can, and says nothing on them. */
export const flood = defineScenario({
  name: 'flood',
  summary: 'Thousands of connections a second on which nobody says anything: those who read must not notice.',
  options: {
    readers: { default: 1_000, min: 1, help: 'readers' },
    rate: { default: 10, min: 1, help: 'items a second' },
    'item-bytes': { default: 500, min: 500, help: 'bytes of an item' },
    'before-seconds': { default: 10, min: 1, help: 'seconds of posting without the flood, to compare with' },
    seconds: { default: 20, min: 1, help: 'seconds of posting in the flood' },
    'flood-rate': { default: 10_000, min: 1, help: 'connections a second that the flood tries to open' },
    addresses: { default: 250, min: 1, help: 'addresses of 127.0.0.0/8 that they come from' },
  },
  run: measureFlood,
});

type FloodValues = CommonValues & {
  readonly readers: number;
  readonly rate: number;
  readonly 'item-bytes': number;
  readonly 'before-seconds': number;
  readonly seconds: number;
  readonly 'flood-rate': number;
  readonly addresses: number;
};

async function measureFlood(values: FloodValues, bench: Bench): Promise<Result> {
  await using stage = await setStage(values, bench, 20_000);
  await join(stage, values, bench);
  const before = await postFor(stage, values, values['before-seconds'], bench);
  bench.progress(`opening ${values['flood-rate']} connections a second`);
  const { host, port } = readerTarget(stage.system.feedUrl, values.edition, values.query);
  const startedAt = bench.clock();
  using attack = new Flood({ host, port, perSecond: values['flood-rate'], addresses: values.addresses });
  const during = await postFor(stage, values, values.seconds, bench);
  const tally = await attack.stop();
  return {
    scenario: 'flood',
    at: new Date().toISOString(),
    machine: machine(),
    settings: {
      readers: values.readers,
      rate: values.rate,
      'item-bytes': values['item-bytes'],
      'flood-rate': values['flood-rate'],
      addresses: values.addresses,
      processes: stage.swarm.processes,
    },
    figures: [
      ...latencyFigures('before', 'last reader', 'without the flood', before),
      ...latencyFigures('with', 'last reader', 'in the flood', during),
      ...floodFigures(tally, (bench.clock() - startedAt) / 1_000),
      ...memoryFigures(before, during),
      ...runtimeFigures(during.samples),
    ],
    details: { 'connections of the flood': { ...tally } },
    series: seriesOf([...before.samples, ...during.samples]),
    warnings: warningsOf(during.report),
    faults: faultsOf(during.report, [...before.reaches, ...during.reaches], values.readers),
  };
}

/** A flood in a process of its own. */
class Flood implements Disposable {
  readonly #process: ChildProcess;

  constructor(order: Omit<Extract<FloodOrder, { type: 'start' }>, 'type'>) {
    this.#process = fork(fileURLToPath(new URL('./flood-process.js', import.meta.url)));
    this.#process.send({ type: 'start', ...order } satisfies FloodOrder);
  }

  /** Ends it; resolves with what became of its connections. */
  async stop(): Promise<FloodTally> {
    const said = once(this.#process, 'message');
    this.#process.send({ type: 'stop' } satisfies FloodOrder);
    const [tally] = await said;
    return tallySchema.parse(tally);
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }
}

function floodFigures({ opened, refused, ended, mostOpen }: FloodTally, seconds: number): readonly Figure[] {
  return [
    figure('flood_opened', 'connections of the flood that were opened', opened / seconds, 'per second'),
    figure('flood_not_let_in', 'connections of the flood that were not let in', refused),
    figure('flood_ended', 'connections of the flood that the server has ended', ended),
    figure('flood_most_open', 'most of them open at once, as the flood sees it', mostOpen),
  ];
}

function memoryFigures(before: Phase, during: Phase): readonly Figure[] {
  const most = ({ samples }: Phase) =>
    percentile(
      samples.flatMap(({ fanout }) => (fanout ? [fanout.rssBytes / 1e6] : [])),
      1,
    );
  return [
    figure('rss_before', 'RSS of the fan-out, most without the flood', most(before), 'MB'),
    figure('rss_with', 'RSS of the fan-out, most in the flood', most(during), 'MB'),
  ];
}
