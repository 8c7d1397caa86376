import { type Figure, figure, type Measurement } from '../figures/figure.ts';
import { type SwarmReport, times } from '../readers/swarm-report.ts';
import { type Joined, join, readerCommandFaults } from '../run/join.ts';
import { faultsOf, warningsOf } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { look, type Moment, type Stage, setStage } from '../run/stage.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import { Sampler, type Samples, seriesOf } from '../target/sampler.ts';

/** Many readers, and nothing to tell them. */
export const idle = defineScenario({
  name: 'idle',
  summary: 'N readers connect and stay quiet: what a reader costs that is only there.',
  options: {
    readers: { default: 10_000, min: 1, help: 'readers' },
    seconds: { default: 10, min: 1, help: 'seconds to stay' },
    filters: {
      default: 1,
      min: 1,
      help: 'different feeds that readers are spread over: topics t0, t1, ...; 1: all of it',
    },
  },
  run: measureIdle,
});

type IdleValues = CommonValues & { readonly readers: number; readonly seconds: number; readonly filters: number };

/** One quiet time, beats included. */
interface Quiet {
  readonly before: Moment;
  readonly after: Moment;
  readonly reportBefore: SwarmReport;
  readonly report: SwarmReport;
  readonly samples: Samples;
}

async function measureIdle(values: IdleValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage(values, bench, 20_000);
  const joined = await join(stage, values, bench);
  const quiet = await stayQuiet(stage, values.seconds, bench);
  const readers = stage.swarm.readers;
  return {
    settings: {
      readers,
      seconds: values.seconds,
      filters: values.filters,
      ...(values.transport !== 'websocket' && { transport: values.transport }),
      processes: stage.swarm.processes,
      'fanout-processes': stage.system.feedUrls.length,
      'connect-rate': values['connect-rate'],
    },
    figures: [...idleFigures(stage, joined, quiet), ...runtimeFigures(quiet.samples)],
    details: { 'Redis while readers joined': joined.commands?.byName ?? {} },
    series: seriesOf(quiet.samples),
    warnings: warningsOf(quiet.report),
    faults: [...faultsOf(quiet.report, [], readers), ...readerCommandFaults(joined.commands, stage, readers)],
  };
}

async function stayQuiet(stage: Stage, seconds: number, bench: Bench): Promise<Quiet> {
  bench.progress(`nothing for ${seconds} s`);
  const reportBefore = await stage.swarm.report();
  using sampler = await Sampler.start(stage.system, bench.clock, 1_000);
  const before = look(stage.system, bench);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const after = look(stage.system, bench);
  const samples = await sampler.stop();
  return { before, after, reportBefore, report: await stage.swarm.report(), samples };
}

function idleFigures(stage: Stage, joined: Joined, quiet: Quiet): readonly Figure[] {
  const readers = stage.swarm.readers;
  const wallMs = quiet.after.at - quiet.before.at;
  const start = stage.before.fanout;
  const cpuOf = (from: Moment, to: Moment) => (from.fanout && to.fanout ? to.fanout.cpuMs - from.fanout.cpuMs : null);
  const share = (now: number | null | undefined, before: number | null | undefined) =>
    now == null || before == null ? null : (now - before) / readers / 1_000;
  const joinMs = cpuOf(joined.before, joined.after);
  const idleMs = cpuOf(quiet.before, quiet.after);
  return [
    figure('joined_in', 'all readers connected in', (joined.after.at - joined.before.at) / 1_000, 's'),
    figure('join_cpu', 'CPU of the fan-out per joining reader', joinMs && (joinMs * 1_000) / readers, 'us'),
    figure('rss_before', 'RSS of the fan-out without readers', start && start.rssBytes / 1e6, 'MB'),
    figure('rss_per_reader', 'RSS per reader, connected', share(joined.after.fanout?.rssBytes, start?.rssBytes), 'kB'),
    figure(
      'rss_per_reader_after',
      'RSS per reader, after the quiet time',
      share(quiet.after.fanout?.rssBytes, start?.rssBytes),
      'kB',
    ),
    figure(
      'kernel_per_reader',
      'kernel socket buffers per reader, both ends',
      share(quiet.after.kernelBytes, stage.before.kernelBytes),
      'kB',
    ),
    figure('cores', 'CPU of the fan-out', idleMs === null ? null : idleMs / wallMs, 'cores'),
    figure(
      'cpu_per_reader_second',
      'CPU of the fan-out per reader and second',
      idleMs === null ? null : (idleMs * 1_000) / readers / (wallMs / 1_000),
      'us',
    ),
    figure(
      'beats',
      'beats received meanwhile',
      times(quiet.report.frames, 'beat') - times(quiet.reportBefore.frames, 'beat'),
    ),
  ];
}
