import { z } from 'zod';

/** What the attacker knows of the site: all of it is public. */
const knowledgeSchema = z.object({
  edition: z.string(),
  epoch: z.string(),
  head: z.number(),
  /** Ids of items that everybody can see, most of them older than what a process holds. */
  shown: z.array(z.string()),
  withdrawn: z.array(z.string()),
});

export type Knowledge = z.infer<typeof knowledgeSchema>;

/** How fast a lane goes where something else answers, and with how much. */
const paceSchema = z.object({ perSecond: z.number(), answerBytes: z.number() });

export const orderSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    host: z.string(),
    port: z.number(),
    /** Addresses of 127.1.0.0/16 that the connections come from. */
    addresses: z.number(),
    connections: z.number(),
    knowledge: knowledgeSchema,
    /** By lane; null: as fast as it is answered. */
    paces: z.record(z.string(), paceSchema).nullable(),
  }),
  z.object({ type: z.literal('stop') }),
]);

export type AttackOrder = z.infer<typeof orderSchema>;
export type Pace = z.infer<typeof paceSchema>;

const laneTallySchema = z.object({
  turns: z.number(),
  requests: z.number(),
  answers: z.number(),
  bytes: z.number(),
  /** Answers by HTTP status; `101` and `200` of a stream are its head. */
  statuses: z.record(z.string(), z.number()),
  /** Connections that the server has ended before it had answered, and those that it did not answer in time. */
  ended: z.number(),
  unanswered: z.number(),
});

export const attackTallySchema = z.object({
  lanes: z.record(z.string(), laneTallySchema),
  cpuMs: z.number(),
});

export type LaneTally = z.infer<typeof laneTallySchema>;
export type AttackTally = z.infer<typeof attackTallySchema>;

export function emptyTally(): LaneTally {
  return { turns: 0, requests: 0, answers: 0, bytes: 0, statuses: {}, ended: 0, unanswered: 0 };
}
