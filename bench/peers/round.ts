import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Round } from '../figures/comparison.ts';
import { BenchError } from '../process/bench-error.ts';
import { sampleProcesses } from '../process/system.ts';
import { ReaderSwarm } from '../readers/reader-swarm.ts';
import { times, words } from '../readers/swarm-report.ts';
import { faultsOf, lostOf } from '../run/reach.ts';
import type { Bench } from '../run/scenario.ts';
import { makeCertificate } from '../target/certificate.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { runWork, type WorkPlan, workFigures, workWarnings } from './work.ts';

export interface RoundOptions {
  readonly readers: number;
  /** Not measured: the code that writes to many readers is compiled and the garbage of joining is collected while it runs. */
  readonly settling: WorkPlan;
  readonly steady: WorkPlan;
  readonly burst: WorkPlan;
  /** Messages before the readers come. */
  readonly warmUp: number;
  readonly connectRate: number;
  readonly processes: number;
  /** Whether the readers come over TLS. */
  readonly isSecure: boolean;
}

/** Starts one system, connects the readers, lets it settle, sends steadily and then a burst, and stops it. */
export async function runRound(peer: Peer, options: RoundOptions, bench: Bench): Promise<Round> {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-peer-'));
  try {
    const certificate = options.isSecure ? await makeCertificate(folder) : null;
    await using running = await peer.start({ env: bench.env, folder, certificate });
    // Nobody reads yet: a server that has been up for a while has its code compiled.
    for (let i = 0; i < options.warmUp; i++) await running.publish(0, bench.clock());
    await using swarm = await ReaderSwarm.start({
      targets: [running.target],
      readers: options.readers,
      processes: options.processes,
      ...(certificate !== null && { trusted: certificate.cert }),
    });
    const rss = await joinAll(peer, running, swarm, options);
    const settling = await runWork(running, swarm, options.settling, bench);
    const steady = await runWork(running, swarm, options.steady, bench);
    const burst = await runWork(running, swarm, options.burst, bench);
    const reaches = [...settling.reaches, ...steady.reaches, ...burst.reaches];
    const [slow, fast] = [workFigures(steady, options.readers), workFigures(burst, options.readers)];
    return {
      peer: peer.name,
      steadyCpu: slow.cpu,
      steadyLast: slow.last,
      steadyLastMax: slow.lastMax,
      steadyLastSinceAppend: peer.hasLog ? slow.sinceAppend : null,
      burstCpu: fast.cpu,
      burstLast: fast.last,
      burstLastMax: fast.lastMax,
      burstLastSinceAppend: peer.hasLog ? fast.sinceAppend : null,
      burstDone: fast.done,
      rss,
      readerCpu: slow.readerCpu,
      burstReaderCpu: fast.readerCpu,
      lost: lostOf(reaches, options.readers),
      gaps: times(burst.report.faults, 'gap'),
      duplicates: times(burst.report.faults, 'duplicate'),
      faults: [...faultsOf(burst.report, reaches, options.readers)],
      warnings: [...workWarnings(steady, options.readers), ...workWarnings(burst, options.readers)],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Connects all readers; resolves with the RSS that each of them costs, in kB. */
async function joinAll(
  peer: Peer,
  running: RunningPeer,
  swarm: ReaderSwarm,
  { readers, connectRate }: RoundOptions,
): Promise<number | null> {
  const before = sampleProcesses(running.pids);
  const connected = await swarm.connect(connectRate);
  if (connected.open < readers)
    throw new BenchError(
      `${peer.name}: only ${connected.open} of ${readers} readers could connect: ${words(connected.refused) || words(connected.dropped) || 'no answer'}`,
    );
  // What joining left behind is collected before memory is read.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const joined = sampleProcesses(running.pids);
  return before === null || joined === null ? null : (joined.rssBytes - before.rssBytes) / readers / 1_000;
}
