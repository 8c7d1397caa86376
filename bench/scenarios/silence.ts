import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type FloodOrder, type FloodTally, tallySchema } from '../attack/silence-message.ts';
import { type Figure, figure, type Measurement, percentile } from '../figures/figure.ts';
import { BenchError } from '../process/bench-error.ts';
import type { Clock } from '../process/clock.ts';
import { readerTarget } from '../readers/reader-target.ts';
import { join } from '../run/join.ts';
import { latencyFigures, type Phase, postFor } from '../run/phase.ts';
import { faultsOf, warningsOf } from '../run/reach.ts';
import type { Bench, CommonValues } from '../run/scenario.ts';
import { setStage } from '../run/stage.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import { seriesOf } from '../target/sampler.ts';

export type SilenceValues = CommonValues & {
  readonly readers: number;
  readonly rate: number;
  readonly 'item-bytes': number;
  readonly 'before-seconds': number;
  readonly seconds: number;
  readonly 'flood-rate': number;
  readonly addresses: number;
};

/** Thousands of connections a second on which nobody says anything, with the limits as shipped: what do readers and newcomers notice. */
export async function measureSilence(values: SilenceValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage(values, bench, 20_000, true);
  const { host, port } = readerTarget(stage.system.feedUrl, values.edition, values.query);
  if (!isLoopback(host)) throw new BenchError(`flood: ${host} is not this machine: a flood stays on it`);
  await join(stage, values, bench);
  const before = await postFor(stage, values, values['before-seconds'], bench);
  bench.progress(`opening ${values['flood-rate']} connections a second`);
  const startedAt = bench.clock();
  using attack = new Flood({ host, port, perSecond: values['flood-rate'], addresses: values.addresses });
  const newcomers = new Newcomers(stage.system.feedUrl, values.edition, bench.clock);
  const during = await postFor(stage, values, values.seconds, bench);
  const waits = await newcomers.stop();
  const tally = await attack.stop();
  const perSecond = tally.opened / ((bench.clock() - startedAt) / 1_000);
  return {
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
      ...newcomerFigures(waits),
      ...floodFigures(tally, perSecond),
      ...memoryFigures(before, during),
      ...runtimeFigures(during.samples),
    ],
    details: { 'connections of the flood': { ...tally } },
    series: seriesOf([...before.samples, ...during.samples]),
    warnings: [
      ...warningsOf(during.report),
      ...(perSecond < values['flood-rate'] / 2
        ? [
            `the flood was of ${Math.round(perSecond)} connections a second: one process holds 15,000 of them, and shares the machine with all the rest`,
          ]
        : []),
    ],
    faults: [
      ...faultsOf(during.report, [...before.reaches, ...during.reaches], values.readers),
      ...(tally.opened === 0 ? ['there was no flood: no connection could be opened'] : []),
    ],
  };
}

/** A flood in a process of its own. */
class Flood implements Disposable {
  readonly #process: ChildProcess;

  constructor(order: Omit<Extract<FloodOrder, { type: 'start' }>, 'type'>) {
    this.#process = fork(fileURLToPath(new URL('../attack/silence-process.js', import.meta.url)));
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

/** Somebody who comes four times a second and asks for the feed. */
class Newcomers {
  readonly #waits: (number | null)[] = [];
  readonly #asked: Promise<void>[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(origin: string, edition: string, clock: Clock) {
    const url = `${origin}/v1/feed.json?edition=${edition}`;
    this.#timer = setInterval(() => {
      const at = clock();
      const asked = fetch(url, { signal: AbortSignal.timeout(10_000), headers: { connection: 'close' } })
        .then(async (response) => {
          await response.arrayBuffer();
          this.#waits.push(response.ok ? clock() - at : null);
        })
        .catch(() => void this.#waits.push(null));
      this.#asked.push(asked);
    }, 250);
  }

  /** ms until each was answered; null: refused, or not in 10 s. */
  async stop(): Promise<readonly (number | null)[]> {
    clearInterval(this.#timer);
    await Promise.all(this.#asked);
    return this.#waits;
  }
}

function newcomerFigures(waits: readonly (number | null)[]): readonly Figure[] {
  const answered = waits.filter((ms) => ms !== null);
  return [
    figure('newcomer_p50', 'newcomer is answered, in the flood, p50', percentile(answered, 0.5), 'ms'),
    figure('newcomer_max', 'newcomer is answered, in the flood, max', percentile(answered, 1), 'ms'),
    figure('newcomers_refused', 'newcomers without an answer', waits.length - answered.length),
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.startsWith('127.');
}

function floodFigures({ failed, turnedAway, ended, mostOpen }: FloodTally, perSecond: number): readonly Figure[] {
  return [
    figure('flood_opened', 'connections of the flood that were opened', perSecond, 'per second'),
    figure('flood_failed', 'connections of the flood that this machine could not open', failed),
    figure('flood_turned_away', 'connections of the flood that were turned away at once', turnedAway),
    figure('flood_ended', 'connections of the flood that were ended for their silence', ended),
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
