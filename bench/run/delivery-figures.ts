import { type Figure, figure, percentile } from '../figures/figure.ts';
import { type Latency, latencyFigures } from '../readers/latency.ts';
import { type SwarmReport, times } from '../readers/swarm-report.ts';
import { beyondIdle, type CommandUse } from '../target/redis-commands.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import type { Samples } from '../target/sampler.ts';
import type { Joined } from './join.ts';
import type { Posted } from './poster.ts';
import { lostOf, type Reach } from './reach.ts';
import type { Moment, Stage } from './stage.ts';

/** One posting of a plan, from the first POST to the last delivery. */
export interface Run {
  readonly posted: readonly Posted[];
  readonly reaches: readonly Reach[];
  readonly latency: Latency;
  readonly reportBefore: SwarmReport;
  readonly report: SwarmReport;
  readonly before: Moment;
  readonly after: Moment;
  readonly commands: CommandUse | null;
  readonly samples: Samples;
}

/** How soon and how completely the items arrived. */
export function reachFigures(run: Run, readers: number): readonly Figure[] {
  const last = run.reaches.flatMap((reach) => reach.lastMs ?? []);
  const sinceAppend = run.reaches.flatMap((reach) => reach.sinceAppendMs ?? []);
  const answers = run.posted.map((post) => post.answeredAt - post.dueAt);
  const start = Math.min(...run.posted.map((post) => post.dueAt));
  const ends = run.posted
    .flatMap((post, i) => (run.reaches[i]?.lastMs ?? Number.NaN) + post.dueAt)
    .filter(Number.isFinite);
  return [
    figure('last_reader_p50', 'last reader after POST, p50', percentile(last, 0.5), 'ms'),
    figure('last_reader_max', 'last reader after POST, max', percentile(last, 1), 'ms'),
    ...latencyFigures(run.latency),
    figure('append_to_last_p50', 'last reader after append, p50', percentile(sinceAppend, 0.5), 'ms'),
    figure('append_to_last_max', 'last reader after append, max', percentile(sinceAppend, 1), 'ms'),
    figure(
      'first_reader_p50',
      'first reader after POST, p50',
      percentile(
        run.reaches.flatMap((reach) => reach.firstMs ?? []),
        0.5,
      ),
      'ms',
    ),
    figure('post_answer_p50', 'POST answered, p50', percentile(answers, 0.5), 'ms'),
    figure('post_answer_max', 'POST answered, max', percentile(answers, 1), 'ms'),
    figure(
      'all_done',
      'first POST to last delivery',
      ends.length === 0 ? null : (Math.max(...ends) - start) / 1_000,
      's',
    ),
    figure('delivered', 'frames delivered', deliveries(run)),
    figure('gaps', 'gaps', times(run.report.faults, 'gap')),
    figure('duplicates', 'duplicates', times(run.report.faults, 'duplicate')),
    figure('lost', 'lost', lostOf(run.reaches, readers)),
  ];
}

/** What that cost the process that serves the readers, and the readers themselves. */
export function costFigures(run: Run, joined: Joined, stage: Stage): readonly Figure[] {
  const readers = stage.swarm.readers;
  const cpuMs = difference(run.after.fanout?.cpuMs, run.before.fanout?.cpuMs);
  const wallMs = run.after.at - run.before.at;
  const frames = deliveries(run);
  const share = (bytes: number | null) => (bytes === null ? null : bytes / readers / 1_000);
  return [
    figure('joined_in', 'all readers connected in', (joined.after.at - joined.before.at) / 1_000, 's'),
    figure(
      'cpu_per_frame',
      'CPU of the fan-out per delivered frame',
      cpuMs === null || frames === 0 ? null : (cpuMs * 1_000) / frames,
      'us',
    ),
    figure('cores', 'CPU of the fan-out', cpuMs === null ? null : cpuMs / wallMs, 'cores'),
    figure(
      'join_cpu',
      'CPU of the fan-out per joining reader',
      micro(difference(joined.after.fanout?.cpuMs, joined.before.fanout?.cpuMs), readers),
      'us',
    ),
    figure('rss_before', 'RSS of the fan-out without readers', mega(stage.before.fanout?.rssBytes), 'MB'),
    figure(
      'rss_per_reader',
      'RSS per reader, connected',
      share(difference(joined.after.fanout?.rssBytes, stage.before.fanout?.rssBytes)),
      'kB',
    ),
    figure(
      'rss_per_reader_after',
      'RSS per reader, after the items',
      share(difference(run.after.fanout?.rssBytes, stage.before.fanout?.rssBytes)),
      'kB',
    ),
    figure(
      'kernel_per_reader',
      'kernel socket buffers per reader, both ends',
      share(difference(run.after.kernelBytes, stage.before.kernelBytes)),
      'kB',
    ),
    figure(
      'reader_cpu_per_frame',
      'CPU of the readers per received frame',
      micro(run.report.cpuMs - run.reportBefore.cpuMs, frames),
      'us',
    ),
    ...runtimeFigures(run.samples),
  ];
}

/** What it cost Redis, beyond what an idle system asks of it. */
export function redisFigures(run: Run, joined: Joined, stage: Stage, items: number): readonly Figure[] {
  const idle = stage.idleCommands;
  const beyond = (use: CommandUse | null) => (use === null || idle === null ? null : beyondIdle(use, idle));
  const perItem = beyond(run.commands);
  return [
    figure('redis_idle', 'Redis commands, idle', idle === null ? null : idle.total / idle.seconds, 'per second'),
    figure('redis_join', 'Redis commands while all joined', joined.commands?.total ?? null),
    figure('redis_join_beyond', 'Redis commands while all joined, beyond idle', beyond(joined.commands)),
    figure('redis_per_item', 'Redis commands per item, beyond idle', perItem === null ? null : perItem / items),
  ];
}

/** A figure is of the server only while the readers have time left. */
export function generatorWarning(run: Run): readonly string[] {
  const share = (run.report.cpuMs - run.reportBefore.cpuMs) / (run.after.at - run.before.at) / run.report.processes;
  return share > 0.85
    ? [
        `the readers were busy ${Math.round(share * 100)} % of the time: they may be what was measured (try --processes)`,
      ]
    : [];
}

export function deliveries(run: Run): number {
  const entries = (report: SwarmReport) => times(report.frames, 'item') + times(report.frames, 'removal');
  return entries(run.report) - entries(run.reportBefore);
}

function difference(after: number | null | undefined, before: number | null | undefined): number | null {
  return after == null || before == null ? null : after - before;
}

function micro(ms: number | null, among: number): number | null {
  return ms === null || among === 0 ? null : (ms * 1_000) / among;
}

function mega(bytes: number | undefined): number | null {
  return bytes === undefined ? null : bytes / 1e6;
}
