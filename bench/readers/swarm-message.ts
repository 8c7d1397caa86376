import { z } from 'zod';
import { takenSchema } from './arrivals.ts';
import { dialectNameSchema } from './dialect.ts';
import { swarmReportSchema } from './swarm-report.ts';

const targetSchema = z.object({
  host: z.string(),
  port: z.number(),
  isSecure: z.boolean(),
  authority: z.string(),
  path: z.string(),
  handshakeKey: z.string(),
  dialect: dialectNameSchema,
});

/** What the bench asks of a process of readers; the first is `open`, every one is answered by one reply with its id. */
export const requestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open'), id: z.number(), targets: z.tuple([targetSchema], targetSchema) }),
  z.object({
    type: z.literal('connect'),
    id: z.number(),
    readers: z.number(),
    perSecond: z.number(),
    firstIndex: z.number(),
  }),
  z.object({ type: z.literal('cut'), id: z.number(), withinMs: z.number().nullable() }),
  z.object({ type: z.literal('report'), id: z.number() }),
  /** How long deliveries took since this was last asked: too much to send with every report. */
  z.object({ type: z.literal('arrivals'), id: z.number() }),
  /** How late the latest entry was for each reader since this was last asked. */
  z.object({ type: z.literal('lateness'), id: z.number() }),
  z.object({ type: z.literal('close'), id: z.number() }),
]);

export const replySchema = z.object({
  id: z.number(),
  report: swarmReportSchema,
  /** One for each reader. */
  readersMs: z.array(z.number()),
  arrivals: takenSchema.optional(),
});

export type SwarmRequest = z.infer<typeof requestSchema>;
export type SwarmReply = z.infer<typeof replySchema>;
