import { z } from 'zod';
import type { Result } from './figure.ts';

const unitSchema = z.enum(['ms', 'us', 's', 'bytes', 'kB', 'MB', 'per second', 'cores', '']);
const pointsSchema = z.array(z.tuple([z.number(), z.number()]));

/** The `--json` of a run, as files keep it. */
export const resultSchema: z.ZodType<Result> = z.object({
  scenario: z.string(),
  at: z.string(),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  command: z.string().exactOptional(),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  figures: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      value: z.number().nullable(),
      unit: unitSchema,
      run: z.string().exactOptional(),
    }),
  ),
  details: z.record(z.string(), z.record(z.string(), z.number())),
  series: z
    .array(z.object({ name: z.string(), label: z.string(), unit: unitSchema, points: pointsSchema }))
    .exactOptional(),
  warnings: z.array(z.string()),
  faults: z.array(z.string()),
  cdf: z.array(z.object({ quantile: z.number(), ms: z.number() })).exactOptional(),
  reach: z.array(z.object({ label: z.string(), points: pointsSchema })).exactOptional(),
  growth: z
    .array(z.object({ name: z.string(), label: z.string(), of: z.string(), unit: unitSchema, points: pointsSchema }))
    .exactOptional(),
});
