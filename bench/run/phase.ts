import { type Figure, figure, percentile } from '../figures/figure.ts';
import type { SwarmReport } from '../readers/swarm-report.ts';
import { Sampler, type Samples } from '../target/sampler.ts';
import { settle } from './delivery.ts';
import { type Posted, postItems } from './poster.ts';
import type { Reach } from './reach.ts';
import type { Bench, CommonValues } from './scenario.ts';
import type { Stage } from './stage.ts';

/** A time of steady posting and what the readers that do read have had of it. */
export interface Phase {
  readonly posted: readonly Posted[];
  readonly reaches: readonly Reach[];
  readonly report: SwarmReport;
  readonly samples: Samples;
}

export interface PhasePlan extends CommonValues {
  readonly rate: number;
  readonly 'item-bytes': number;
}

/** Posts steadily for so long, and waits until the readers have all of it. */
export async function postFor(stage: Stage, values: PhasePlan, seconds: number, bench: Bench): Promise<Phase> {
  const items = Math.round(seconds * values.rate);
  bench.progress(`posting ${items} items of ${values['item-bytes']} bytes, ${values.rate} a second`);
  using sampler = await Sampler.start(stage.system, bench.clock, 1_000);
  const { apiUrl, key, givenUrl } = stage.system;
  const posted = await postItems(
    { apiUrl, key, edition: values.edition, expireAfterMs: givenUrl === null ? null : 600_000, clock: bench.clock },
    { items, perSecond: values.rate, inFlight: 1, itemBytes: values['item-bytes'] },
  );
  const { report, reaches } = await settle(stage, posted, bench);
  return { posted, reaches, report, samples: await sampler.stop() };
}

/** How late the last reader had each item, and how many were accepted in a second. */
export function latencyFigures(name: string, who: string, label: string, phase: Phase): readonly Figure[] {
  const last = phase.reaches.flatMap((reach) => reach.sinceAppendMs ?? []);
  const [first, ...others] = phase.posted.map((post) => post.answeredAt);
  const seconds = (Math.max(first ?? 0, ...others) - (phase.posted[0]?.dueAt ?? 0)) / 1_000;
  const ms = (share: number) => percentile(last, share);
  return [
    figure(`posted_per_second_${name}`, `items accepted, ${label}`, phase.posted.length / seconds, 'per second'),
    figure(`append_to_last_p50_${name}`, `${who} after append, ${label}, p50`, ms(0.5), 'ms'),
    figure(`append_to_last_p99_${name}`, `${who} after append, ${label}, p99`, ms(0.99), 'ms'),
    figure(`append_to_last_max_${name}`, `${who} after append, ${label}, max`, ms(1), 'ms'),
  ];
}
