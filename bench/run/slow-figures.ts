import { type Figure, figure, percentile } from '../figures/figure.ts';
import type { SlowStatus } from '../readers/slow-swarm.ts';
import { total, words } from '../readers/swarm-report.ts';
import { runtimeFigures } from '../target/runtime-figures.ts';
import type { Sample, Samples } from '../target/sampler.ts';
import { latencyFigures, type Phase } from './phase.ts';

export interface SlowRun {
  readonly before: Phase;
  readonly during: Phase;
  /** When the posting ended, before anybody drained. */
  readonly stuck: SlowStatus;
  readonly drained: SlowStatus;
  /** ms from the end of the posting until the last slow reader had its snapshot; null: not in time. */
  readonly drainMs: number | null;
  readonly drainSamples: Samples;
}

/** What slow readers cost the process, the kernel and the other readers. */
export function slowFigures(run: SlowRun, slow: number): readonly Figure[] {
  const { before, during, stuck, drained } = run;
  return [
    ...latencyFigures('before', 'last other reader', 'without slow readers', before),
    ...latencyFigures('with', 'last other reader', 'with slow readers', during),
    figure('skipped_before', 'readers skipped without slow readers', skippedIn(before.samples)),
    figure('skipped', 'readers skipped with slow readers', skippedIn(during.samples)),
    figure('slow_with_gap_early', 'slow readers with a snapshot for their gap, while posting', stuck.readersWithGap),
    figure('slow_with_gap', 'slow readers with a snapshot for their gap, in the end', drained.readersWithGap),
    figure('slow_entries', 'entries that a slow reader has had', drained.entries / slow),
    figure('slow_bytes', 'bytes that a slow reader has read by the end of the posting', stuck.mostBytes, 'bytes'),
    figure('drain', 'last slow reader had its snapshot after the posting', run.drainMs && run.drainMs / 1_000, 's'),
    ...memoryFigures(run, slow),
    ...runtimeFigures(during.samples),
  ];
}

/** Every slow reader must be skipped, then receive a snapshot for its gap, and never be cut. */
export function slowFaults(run: SlowRun, slow: number): readonly string[] {
  const { drained, during } = run;
  const skipped = skippedIn(during.samples);
  const cut = total(drained.closed);
  return [
    ...(drained.readersWithGap < slow
      ? [`slow readers without a snapshot for their gap: ${slow - drained.readersWithGap} of ${slow}`]
      : []),
    ...(skipped !== null && skipped < slow ? [`skipped only ${skipped} times with ${slow} slow readers`] : []),
    ...(cut > 0 ? [`slow readers cut off: ${cut} (${words(drained.closed)})`] : []),
    ...(drained.gaps > 0 ? [`gaps of slow readers: ${drained.gaps}`] : []),
    ...(drained.duplicates > 0 ? [`duplicates of slow readers: ${drained.duplicates}`] : []),
  ];
}

function memoryFigures(run: SlowRun, slow: number): readonly Figure[] {
  const { before, during, drainSamples } = run;
  return memories.flatMap(({ name, label, of }) => {
    const most = (samples: Samples) =>
      percentile(
        samples.flatMap((sample) => of(sample) ?? []),
        1,
      );
    const base = most(before.samples);
    const top = most(during.samples);
    const end = drainSamples.at(-1);
    const share = base === null || top === null ? null : (top - base) / slow / 1_000;
    const mega = (bytes: number | null | undefined) => (bytes == null ? null : bytes / 1e6);
    return [
      figure(`${name}_before`, `${label}, most without slow readers`, mega(base), 'MB'),
      figure(`${name}_with`, `${label}, most with slow readers`, mega(top), 'MB'),
      figure(`${name}_after`, `${label}, when they had drained`, mega(end && of(end)), 'MB'),
      figure(`${name}_per_slow`, `${label}, more per slow reader`, share, 'kB'),
    ];
  });
}

const memories: readonly { readonly name: string; readonly label: string; of(sample: Sample): number | null }[] = [
  { name: 'rss', label: 'RSS of the fan-out', of: (sample) => sample.fanout?.rssBytes ?? null },
  { name: 'external', label: 'bytes outside of its heap', of: (sample) => sample.metrics?.externalBytes ?? null },
  { name: 'kernel', label: 'kernel socket buffers, both ends', of: (sample) => sample.kernelBytes },
];

function skippedIn(samples: Samples): number | null {
  const [from, to] = [samples[0].metrics, samples.at(-1)?.metrics ?? null];
  return from === null || to === null ? null : to.skipped - from.skipped;
}
