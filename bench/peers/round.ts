import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../bench-error.ts';
import { wallOffset } from '../clock.ts';
import type { Round } from '../comparison.ts';
import { percentile } from '../figure.ts';
import { onSchedule, type Posted } from '../poster.ts';
import { faultsOf, lostOf, type Reach, reachOf } from '../reach.ts';
import { ReaderSwarm } from '../reader-swarm.ts';
import type { Bench } from '../scenario.ts';
import { type SwarmReport, words } from '../swarm-report.ts';
import { sampleProcess } from '../system.ts';
import type { Peer, RunningPeer } from './peer.ts';

export interface RoundOptions {
  readonly readers: number;
  readonly steady: { readonly items: number; readonly perSecond: number };
  readonly burst: { readonly items: number; readonly perSecond: number };
  /** Messages before the readers come. */
  readonly warmUp: number;
  readonly connectRate: number;
  readonly processes: number;
}

interface Work {
  readonly reaches: readonly Reach[];
  readonly posted: readonly Posted[];
  readonly report: SwarmReport;
  /** us a delivered frame. */
  readonly cpu: number | null;
  readonly readerCpu: number | null;
}

/** Starts one system, connects the readers, sends steadily and then a burst, and stops it. */
export async function runRound(peer: Peer, options: RoundOptions, bench: Bench): Promise<Round> {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-peer-'));
  try {
    await using running = await peer.start({ env: bench.env, folder });
    // Nobody reads yet: a server that has been up for a while has its code compiled.
    for (let i = 0; i < options.warmUp; i++) await running.publish(0, bench.clock());
    await using swarm = await ReaderSwarm.start({
      targets: [running.target],
      readers: options.readers,
      processes: options.processes,
    });
    const before = sampleProcess(running.pid);
    const connected = await swarm.connect(options.connectRate);
    if (connected.open < options.readers)
      throw new BenchError(
        `${peer.name}: only ${connected.open} of ${options.readers} readers could connect: ${words(connected.refused) || 'no answer'}`,
      );
    await settled(1_000);
    const joined = sampleProcess(running.pid);
    const steady = await work(running, swarm, options.steady, 0, bench);
    const burst = await work(running, swarm, options.burst, options.steady.items, bench);
    const reaches = [...steady.reaches, ...burst.reaches];
    const start = Math.min(...burst.posted.map((post) => post.dueAt));
    const ends = burst.reaches.map((reach, i) => (reach.lastMs ?? Number.NaN) + (burst.posted[i]?.dueAt ?? 0));
    return {
      peer: peer.name,
      steadyCpu: steady.cpu,
      steadyLast: percentile(
        steady.reaches.flatMap((reach) => reach.lastMs ?? []),
        0.5,
      ),
      steadyLastSinceAppend:
        peer.name === 'flashwire'
          ? percentile(
              steady.reaches.flatMap((reach) => reach.sinceAppendMs ?? []),
              0.5,
            )
          : null,
      burstCpu: burst.cpu,
      burstDone: ends.some(Number.isNaN) ? null : Math.max(...ends) - start,
      rss: before === null || joined === null ? null : (joined.rssBytes - before.rssBytes) / options.readers / 1_000,
      readerCpu: steady.readerCpu,
      lost: lostOf(reaches, options.readers),
      faults: [...faultsOf(burst.report, reaches, options.readers)],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function work(
  running: RunningPeer,
  swarm: ReaderSwarm,
  plan: { readonly items: number; readonly perSecond: number },
  firstIndex: number,
  bench: Bench,
): Promise<Work> {
  const reportBefore = await swarm.report();
  const before = sampleProcess(running.pid);
  const posted = await onSchedule(plan, plan.perSecond, bench.clock, async (i, dueAt) => {
    const id = await running.publish(firstIndex + i, dueAt);
    return { id, dueAt, answeredAt: bench.clock() };
  });
  const { report, reaches } = await settle(swarm, posted, bench);
  const after = sampleProcess(running.pid);
  const frames = swarm.readers * plan.items - lostOf(reaches, swarm.readers);
  return {
    reaches,
    posted,
    report,
    cpu: before === null || after === null ? null : ((after.cpuMs - before.cpuMs) * 1_000) / frames,
    readerCpu: ((report.cpuMs - reportBefore.cpuMs) * 1_000) / frames,
  };
}

/** Waits until every reader has everything, or nothing has moved for 5 s. */
async function settle(swarm: ReaderSwarm, posted: readonly Posted[], bench: Bench) {
  let least = Number.POSITIVE_INFINITY;
  let movedAt = bench.clock();
  for (;;) {
    const report = await swarm.report();
    const reaches = reachOf(posted, report, wallOffset(bench.clock));
    const lost = lostOf(reaches, swarm.readers);
    if (lost < least) movedAt = bench.clock();
    least = Math.min(least, lost);
    if (lost === 0 || bench.clock() - movedAt > 5_000) return { report, reaches };
    await settled(100);
  }
}

function settled(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
