import { z } from 'zod';

export const orderSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    host: z.string(),
    port: z.number(),
    perSecond: z.number(),
    /** Local addresses of 127.0.0.0/8 that the connections come from. */
    addresses: z.number(),
  }),
  z.object({ type: z.literal('stop') }),
]);

export type FloodOrder = z.infer<typeof orderSchema>;

export const tallySchema = z.object({
  opened: z.number(),
  /** Connections that this machine could not open. */
  failed: z.number(),
  /** Connections that the server has ended within a second: it has too many. */
  turnedAway: z.number(),
  /** Connections that the server has ended later: nothing was asked on them. */
  ended: z.number(),
  mostOpen: z.number(),
});

export type FloodTally = z.infer<typeof tallySchema>;
