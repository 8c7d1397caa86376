import { type Figure, figure, percentile } from '../figures/figure.ts';
import type { Load } from './load.ts';
import type { Posted } from './poster.ts';

export interface Snapshots {
  readonly plain: SnapshotLoad;
  /** Asked for with the position that the client has. */
  readonly unchanged: SnapshotLoad;
}

export interface SnapshotLoad {
  readonly load: Load;
  /** CPU of the process that serves it, a request. */
  readonly cpuUs: number | null;
}

export interface ApiRun {
  /** ms of single durable writes of this machine. */
  readonly disk: readonly number[] | null;
  readonly idle: readonly Posted[];
  readonly posting: Load;
  readonly catchUpMs: number | null;
  /** Null: not measured. */
  readonly backlogPerSecond: number | null;
  readonly snapshots: Snapshots;
  readonly served: readonly Posted[] | null;
}

export function apiFigures(run: ApiRun): readonly Figure[] {
  const { posting, snapshots } = run;
  return [
    figure('sync_p50', 'durable write of this disk, p50', percentile(run.disk ?? [], 0.5), 'ms'),
    figure('sync_p99', 'durable write of this disk, p99', percentile(run.disk ?? [], 0.99), 'ms'),
    ...inLogFigures('idle', 'idle', run.idle),
    ...(run.served === null ? [] : inLogFigures('served', 'while readers are served', run.served)),
    ...loadFigures('post', 'POST', posting),
    figure('post_catch_up', 'what was accepted is in the log after', run.catchUpMs && run.catchUpMs / 1_000, 's'),
    figure('backlog_per_second', 'appends of what STOP held, one edition', run.backlogPerSecond, 'per second'),
    ...snapshotFigures('json', 'feed.json', snapshots.plain),
    ...snapshotFigures('json_304', 'feed.json unchanged', snapshots.unchanged),
  ];
}

/** Answers that are not what the request asked for. */
export function apiFaults(run: ApiRun): readonly string[] {
  const { posting, snapshots } = run;
  const late = [...run.idle, ...(run.served ?? [])].filter((post) => post.isInLog !== true).length;
  return [
    ...wrongAnswers('POST', posting, (status) => status.startsWith('2')),
    ...wrongAnswers('feed.json', snapshots.plain.load, (status) => status === '200'),
    ...wrongAnswers('feed.json unchanged', snapshots.unchanged.load, (status) => status === '304'),
    ...(late > 0 ? [`items not in the log after 5 s: ${late}`] : []),
    ...(run.catchUpMs === null ? ['the queue did not catch up in 5 minutes'] : []),
  ];
}

export function apiWarnings(run: ApiRun): readonly string[] {
  const loads = [
    ['POST', run.posting],
    ['feed.json', run.snapshots.plain.load],
    ['feed.json unchanged', run.snapshots.unchanged.load],
  ] as const;
  return loads.flatMap(([name, { ownCores }]) =>
    ownCores > 0.85
      ? [`${name}: the client used ${ownCores.toFixed(2)} cores, so it may be what was measured, not the server`]
      : [],
  );
}

function wrongAnswers(name: string, load: Load, isRight: (status: string) => boolean): readonly string[] {
  const wrong = Object.entries(load.statuses).filter(([status]) => !isRight(status));
  return [
    ...wrong.map(([status, times]) => `${name} answered ${status}: ${times} times`),
    ...(load.errors > 0 ? [`${name} not answered: ${load.errors} times`] : []),
  ];
}

function inLogFigures(name: string, label: string, posted: readonly Posted[]): readonly Figure[] {
  const ms = posted.map((post) => post.answeredAt - post.dueAt);
  const toAppend = posted.flatMap((post) => (post.appendedAt === undefined ? [] : [post.appendedAt - post.dueAt]));
  return [
    figure(`append_p50_${name}`, `POST to the append, ${label}, p50`, percentile(toAppend, 0.5), 'ms'),
    figure(`append_p99_${name}`, `POST to the append, ${label}, p99`, percentile(toAppend, 0.99), 'ms'),
    figure(`in_log_p50_${name}`, `POST to the answer that it is in the log, ${label}, p50`, percentile(ms, 0.5), 'ms'),
    figure(`in_log_p99_${name}`, `POST to the answer that it is in the log, ${label}, p99`, percentile(ms, 0.99), 'ms'),
    figure(`in_log_max_${name}`, `POST to the answer that it is in the log, ${label}, max`, percentile(ms, 1), 'ms'),
  ];
}

function loadFigures(name: string, label: string, load: Load): readonly Figure[] {
  return [
    figure(`${name}_per_second`, `${label} answered`, load.perSecond, 'per second'),
    figure(`${name}_p50`, `${label} answered after, p50`, load.p50Ms, 'ms'),
    figure(`${name}_p99`, `${label} answered after, p99`, load.p99Ms, 'ms'),
    figure(`${name}_max`, `${label} answered after, max`, load.maxMs, 'ms'),
  ];
}

function snapshotFigures(name: string, label: string, { load, cpuUs }: SnapshotLoad): readonly Figure[] {
  return [...loadFigures(name, label, load), figure(`${name}_cpu`, `CPU of the fan-out per ${label}`, cpuUs, 'us')];
}
