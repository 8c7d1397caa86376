import { z } from 'zod';
import { comparisonSchema, isOwn } from './comparison.ts';
import { resultSchema } from './result-schema.ts';

/** One scenario of a report. */
const partSchema = z.object({
  name: z.string(),
  /** What it does, in a sentence. */
  summary: z.string(),
  /** One of each round, in their order. */
  runs: z.array(resultSchema),
  /** What a round of it took, in the mean; 0 of none. */
  seconds: z.number(),
  /** Why it has not run on this machine or in this time; null where it has. */
  leftOut: z.string().nullable(),
  /** What ended its runs before they had a result. */
  failures: z.array(z.string()),
});

/** A full run, as a file keeps it. */
export const reportSchema = z.object({
  kind: z.literal('report'),
  at: z.string(),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  isShort: z.boolean(),
  rounds: z.number(),
  seconds: z.number(),
  parts: z.array(partSchema),
  /** Other systems; null where they were not measured. */
  comparison: comparisonSchema.nullable(),
});

/** Why a part was left out of a report that had to end. */
export const noTime = 'no time was left for it';

export type Report = z.infer<typeof reportSchema>;
export type Part = z.infer<typeof partSchema>;

/** Whatever makes a report one that has failed, by scenario. */
export function faultsIn(report: Report): readonly string[] {
  const ofParts = report.parts.flatMap(({ name, runs, failures }) => {
    const faults = [...new Set(runs.flatMap((run) => run.faults))];
    return [...faults, ...failures].map((text) => `${name}: ${text}`);
  });
  // What other systems do wrong is no fault of ours.
  const own = report.comparison?.rounds.filter(({ peer }) => isOwn(peer)) ?? [];
  return [...ofParts, ...own.flatMap(({ peer, faults }) => faults.map((fault) => `${peer}: ${fault}`))];
}
