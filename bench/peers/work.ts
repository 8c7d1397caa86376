import { percentile } from '../figures/figure.ts';
import { sampleProcesses } from '../process/system.ts';
import type { ReaderSwarm } from '../readers/reader-swarm.ts';
import type { SwarmReport } from '../readers/swarm-report.ts';
import { settle } from '../run/delivery.ts';
import { onSchedule, type Posted } from '../run/poster.ts';
import { lostOf, type Reach } from '../run/reach.ts';
import type { Bench } from '../run/scenario.ts';
import type { RunningPeer } from './peer.ts';

/** Messages on a schedule that waits for nobody. */
export interface WorkPlan {
  readonly name: string;
  readonly items: number;
  readonly perSecond: number;
  /** Of the first message: those of one round are numbered on. */
  readonly firstIndex: number;
}

/** One workload, from the first message to the last delivery. CPU in ms; null without /proc. */
export interface Work {
  readonly plan: WorkPlan;
  readonly posted: readonly Posted[];
  readonly reaches: readonly Reach[];
  readonly report: SwarmReport;
  readonly cpuMs: number | null;
  readonly readerCpuMs: number;
}

export async function runWork(running: RunningPeer, swarm: ReaderSwarm, plan: WorkPlan, bench: Bench): Promise<Work> {
  const reportBefore = await swarm.report();
  const before = sampleProcesses(running.pids);
  const posted = await onSchedule(plan, plan.perSecond, bench.clock, async (i, dueAt) => {
    const id = await running.publish(plan.firstIndex + i, dueAt);
    return { id, dueAt, answeredAt: bench.clock() };
  });
  const { report, reaches } = await settle({ swarm }, posted, bench);
  const after = sampleProcesses(running.pids);
  return {
    plan,
    posted,
    reaches,
    report,
    cpuMs: before === null || after === null ? null : after.cpuMs - before.cpuMs,
    readerCpuMs: report.cpuMs - reportBefore.cpuMs,
  };
}

/** CPU in us by delivered frame, times in ms; see Round. */
export interface WorkFigures {
  readonly cpu: number | null;
  readonly readerCpu: number | null;
  readonly last: number | null;
  readonly lastMax: number | null;
  readonly sinceAppend: number | null;
  readonly done: number | null;
}

type Measured = Pick<Work, 'posted' | 'reaches' | 'cpuMs' | 'readerCpuMs'>;

export function workFigures(work: Measured, readers: number): WorkFigures {
  const frames = readers * work.posted.length - lostOf(work.reaches, readers);
  const perFrame = (ms: number | null) => (ms === null || frames === 0 ? null : (ms * 1_000) / frames);
  const last = work.reaches.flatMap((reach) => reach.lastMs ?? []);
  return {
    cpu: perFrame(work.cpuMs),
    readerCpu: perFrame(work.readerCpuMs),
    last: percentile(last, 0.5),
    lastMax: percentile(last, 1),
    sinceAppend: percentile(
      work.reaches.flatMap((reach) => reach.sinceAppendMs ?? []),
      0.5,
    ),
    done: doneAfter(work, readers),
  };
}

/** What makes a figure of this workload one not to quote. */
export function workWarnings(work: Measured & Pick<Work, 'plan' | 'report'>, readers: number): readonly string[] {
  const { name } = work.plan;
  const doneMs = doneAfter(work, readers);
  const share = doneMs === null ? 0 : work.readerCpuMs / doneMs / work.report.processes;
  return [
    ...(work.cpuMs !== null && work.cpuMs < leastCpuMs
      ? [`${name}: the system counts CPU in steps of 10 ms, and this took less than ${leastCpuMs} ms of it`]
      : []),
    ...(share > 0.85 ? [`${name}: the readers had no time left: they may be what was measured (try --processes)`] : []),
  ];
}

/** Null when a delivery is missing. */
function doneAfter({ posted, reaches }: Measured, readers: number): number | null {
  if (posted.length === 0 || lostOf(reaches, readers) > 0) return null;
  const ends = posted.map((post, i) => post.dueAt + (reaches[i]?.lastMs ?? 0));
  return Math.max(...ends) - Math.min(...posted.map((post) => post.dueAt));
}

/** 20 steps: an error of a twentieth. */
const leastCpuMs = 200;
