import { type Figure, figure, type Measurement, percentile } from '../figures/figure.ts';
import { type SwarmReport, times } from '../readers/swarm-report.ts';
import { settle } from '../run/delivery.ts';
import { join, readerCommandFaults } from '../run/join.ts';
import { type Posted, postItems } from '../run/poster.ts';
import { faultsOf, type Reach, warningsOf } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { type Stage, setStage } from '../run/stage.ts';
import { beyondIdle, type CommandUse } from '../target/redis-commands.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import { Sampler, seriesOf } from '../target/sampler.ts';

/** All readers lose their connection at the same moment. */
export const storm = defineScenario({
  name: 'storm',
  summary:
    'N readers cut at once and back with their positions: every one must be resumed, none by a snapshot, at no cost to Redis.',
  options: {
    readers: { default: 10_000, min: 1, help: 'readers' },
    items: { default: 15, min: 1, help: 'items posted while readers are on their way back' },
    'accept-rate': {
      default: 0,
      help: 'new readers a second that the fan-out takes; 0: the shipped default; 1000000: no limit',
    },
    within: { default: 0, help: 'ms in which readers come back; 0: the window that the server announces' },
    'ignore-window': { default: false, help: 'all readers come back at once; who is refused then takes the window' },
  },
  run: measureStorm,
});

type StormValues = CommonValues & {
  readonly readers: number;
  readonly items: number;
  readonly 'accept-rate': number;
  readonly within: number;
  readonly 'ignore-window': boolean;
};

/** Redis commands that one posted item may cost; scripts count what they call. */
const commandsPerItem = 200;

async function measureStorm(values: StormValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage(values, bench, values['accept-rate'] === 0 ? null : values['accept-rate']);
  const joined = await join(stage, values, bench);
  const first = await postSome(stage, values, bench, 3);
  const before = (await settle(stage, first, bench)).report;
  bench.progress(`cutting ${before.open} readers`);
  const stopCount = await stage.counter?.start();
  using sampler = await Sampler.start(stage.system, bench.clock, 1_000);
  const start = bench.clock();
  const [{ backMs }, posted] = await Promise.all([
    stage.swarm.cut(returnWindow(values)),
    postSome(stage, values, bench, values.items),
  ]);
  const { report, reaches } = await settle(stage, posted, bench);
  const consistentMs = Math.max(
    ...backMs,
    ...reaches.map((reach, i) => (reach.lastMs ?? 0) + (posted[i]?.dueAt ?? start) - start),
  );
  const commands = (await stopCount?.()) ?? null;
  const samples = await sampler.stop();
  const readers = stage.swarm.readers;
  return {
    settings: {
      readers,
      ...(values.transport !== 'websocket' && { transport: values.transport }),
      items: values.items,
      processes: stage.swarm.processes,
      'fanout-processes': stage.system.feedUrls.length,
      within: returnWindow(values) ?? 'as announced',
      'accept-rate': values['accept-rate'] === 0 ? 'shipped' : values['accept-rate'],
    },
    figures: [
      figure('window', 'window that the server announced', before.windowMs, 'ms'),
      figure('back_p50', 'reader back after', percentile(backMs, 0.5), 'ms'),
      figure('back_max', 'all readers back after', percentile(backMs, 1), 'ms'),
      figure('back_beyond', 'all readers back, less the window', (percentile(backMs, 1) ?? 0) - before.windowMs, 'ms'),
      figure('consistent', 'all readers back with every item after', consistentMs, 'ms'),
      figure('resumed', 'resumed', rise(before, report, 'resumed')),
      figure('snapshots', 'given a snapshot', rise(before, report, 'snapshot')),
      figure(
        'first_reader_max',
        'item posted meanwhile, first reader, max',
        percentile(
          reaches.flatMap((reach) => reach.firstMs ?? []),
          1,
        ),
        'ms',
      ),
      ...liveFigures(reaches),
      ...redisFigures(commands, joined.commands, stage),
      ...runtimeFigures(samples),
    ],
    details: { 'Redis during the storm': commands?.byName ?? {} },
    series: seriesOf(samples),
    warnings: warningsOf(report),
    faults: [
      ...faultsOf(report, reaches, readers),
      ...resumeFaults(before, report),
      ...readerCommandFaults(commands, stage, readers, values.items * commandsPerItem),
    ],
  };
}

function postSome(stage: Stage, values: StormValues, bench: Bench, items: number): Promise<readonly Posted[]> {
  const { apiUrl, key, givenUrl } = stage.system;
  const deps = {
    apiUrl,
    key,
    edition: values.edition,
    expireAfterMs: givenUrl === null ? null : 600_000,
    clock: bench.clock,
  };
  return postItems(deps, { items, perSecond: 3, inFlight: 1 });
}

/** ms in which the readers come back; null: as the server says. */
function returnWindow(values: StormValues): number | null {
  if (values['ignore-window']) return 0;
  return values.within === 0 ? null : values.within;
}

/** The news does not wait for the storm: how soon those have it that are back already. */
function liveFigures(reaches: readonly Reach[]): readonly Figure[] {
  const live = reaches.flatMap((reach) => reach.liveMs ?? []);
  const label = 'item posted meanwhile, last of those who were back';
  return [
    figure('live_items', 'items that readers were back to see', live.length),
    figure('live_p50', `${label}, after append, p50`, percentile(live, 0.5), 'ms'),
    figure('live_max', `${label}, after append, max`, percentile(live, 1), 'ms'),
  ];
}

function redisFigures(commands: CommandUse | null, joining: CommandUse | null, stage: Stage) {
  const idle = stage.idleCommands;
  const beyond = (use: CommandUse | null) => (use === null || idle === null ? null : beyondIdle(use, idle));
  return [
    figure('redis_idle', 'Redis commands, idle', idle === null ? null : idle.total / idle.seconds, 'per second'),
    figure('redis_join_beyond', 'Redis commands while all joined, beyond idle', beyond(joining)),
    figure('redis_storm', 'Redis commands during the storm, items included', commands?.total ?? null),
    figure('redis_storm_beyond', 'Redis commands during the storm, beyond idle', beyond(commands)),
    figure(
      'redis_storm_per_reader',
      'Redis commands during the storm per reader, beyond idle, items included',
      commands === null ? null : (beyond(commands) ?? 0) / stage.swarm.readers,
    ),
  ];
}

/** Readers that came back otherwise than by `resumed`. */
function resumeFaults(before: SwarmReport, after: SwarmReport): readonly string[] {
  const snapshots = rise(before, after, 'snapshot');
  const missing = before.open - rise(before, after, 'resumed');
  return [
    ...(snapshots > 0 ? [`given a snapshot instead of what they missed: ${snapshots} readers`] : []),
    ...(missing > 0 ? [`not resumed: ${missing} of ${before.open} readers`] : []),
  ];
}

function rise(before: SwarmReport, after: SwarmReport, type: string): number {
  return times(after.frames, type) - times(before.frames, type);
}
