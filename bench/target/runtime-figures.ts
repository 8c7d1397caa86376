import { type Figure, figure } from '../figures/figure.ts';
import { longestPauseMs } from './metrics-reading.ts';
import type { Samples } from './sampler.ts';

/** How the processes that serve the readers kept up: their event loops, their longest slice, their pauses for garbage. */
export function runtimeFigures(samples: Samples): readonly Figure[] {
  const [first, ...others] = samples;
  const before = first.metrics;
  const after = others.at(-1)?.metrics ?? null;
  const worst = (pick: 'loopDelayP99Ms' | 'loopDelayMaxMs') => {
    const values = others.flatMap((sample) => sample.metrics?.[pick] ?? []);
    return values.length === 0 ? null : Math.max(...values);
  };
  const gc = before === null || after === null ? null : { before: before.gc, after: after.gc };
  return [
    figure('loop_delay_p99', 'event-loop delay, p99 of the worst sample', worst('loopDelayP99Ms'), 'ms'),
    figure('loop_delay_max', 'event-loop delay, max', worst('loopDelayMaxMs'), 'ms'),
    figure('longest_slice', 'longest slice of the sweep since the start', after?.longestSliceMs ?? null, 'ms'),
    figure('gc_pauses', 'pauses for garbage', gc && gc.after.count - gc.before.count),
    figure('gc_total', 'pauses for garbage, in all', gc && gc.after.ms - gc.before.ms, 'ms'),
    figure('gc_longest', 'longest pause for garbage, at most', gc && longestPauseMs(gc.before, gc.after), 'ms'),
  ];
}
