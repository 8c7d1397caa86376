import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseJson } from '../../item/json.ts';
import { channelsOf, siteKeys } from '../redis/redis-keys.ts';
import type { RedisConnection } from '../redis/shards.ts';

const count = z.number().int().nonnegative();
/** ms since 1970 that a Date can say. */
const moment = z.number().nonnegative().max(8.64e15);

/** The elements of a list that can be parsed; the others are left out. */
const readable = <Schema extends z.ZodType>(one: Schema) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((all) =>
      all.flatMap((value): z.infer<Schema>[] => {
        const read = one.safeParse(value);
        return read.success ? [read.data] : [];
      }),
    );

/**
 * What one fan-out process has done with one entry so far. Counts are readers. `targeted` were connected to a feed that the entry
 * touches when it came. Each of them ends in exactly one of `written` (in its turn), `caughtUp` (its connection was busy at its
 * turn) and `left` (disconnected before); the rest still waits. `resumed` were disconnected and got it when they came back.
 */
const deliveryReport = z
  .object({
    edition: z.string(),
    seq: count,
    itemId: z.string(),
    version: count,
    /** Redis' clock at the append, ms. */
    at: moment,
    /** The change or removal: new, corrected, retracted, withheld, .. */
    what: z.string(),
    targeted: count,
    written: count,
    caughtUp: count,
    left: count,
    resumed: count,
    /** Readers by time from append to written: bucket of `bucketOf`, count. */
    latency: z.array(z.tuple([count, count])),
    maxMs: z.number().nonnegative(),
  })
  // A sum above `targeted` would hide a waiting reader of another process.
  .refine(({ targeted, written, caughtUp, left }) => written + caughtUp + left <= targeted);

/** Browsers that report that they painted a version: an estimate, never part of the proof. */
const paintedReport = z.object({
  itemId: z.string(),
  version: count,
  samples: count,
  /** Counts by the time from the frame's arrival to the paint in the browser. */
  delay: z.array(z.tuple([count, count])),
});

/**
 * The call of a fan-out process on the roll call: once a second, and within 100 ms of a change. A part that cannot be parsed is
 * left out and the rest counts, because a process that calls is running.
 */
const processReport = z.object({
  process: z.string(),
  /** The public URL of its site (other-site.ts); absent if it has none, or does not announce it yet. */
  site: z.string().optional().catch(undefined),
  startedAt: z.number().catch(0),
  /** Readers connected, by edition. */
  readers: z
    .record(z.string(), z.unknown())
    .catch({})
    .transform((all) =>
      Object.fromEntries(Object.entries(all).filter((one): one is [string, number] => count.safeParse(one[1]).success)),
    ),
  /** The newest canary that arrived over a socket of this process: Redis' clock at its append, and the ms until it was read. */
  canary: z.object({ itemId: z.string(), at: z.number(), tookMs: z.number() }).nullable().catch(null),
  isReady: z.boolean().catch(false),
  /** Its last call: it has no readers left. */
  leaving: z.boolean().optional().catch(false),
  deliveries: readable(deliveryReport),
  painted: readable(paintedReport),
});

const keptCall = processReport
  .pick({ process: true, startedAt: true, readers: true, canary: true, isReady: true })
  .extend({
    /** When it was heard, Redis' clock, ms. */
    at: moment,
  });

export type DeliveryReport = Readonly<z.infer<typeof deliveryReport>>;
export type PaintedReport = Readonly<z.infer<typeof paintedReport>>;
export type ProcessReport = Readonly<z.infer<typeof processReport>>;

/** Of its JSON as it is kept; null for anything else. */
export const parseDelivery = (text: string): DeliveryReport | null =>
  deliveryReport.safeParse(parseJson(text)).data ?? null;

/** Of the newest call of a process as it is kept; null for anything else. */
export const parseCaller = (text: string): Readonly<z.infer<typeof keptCall>> | null =>
  keptCall.safeParse(parseJson(text)).data ?? null;

/** Pub/sub between the processes of a site: what was delivered, and who is there. Of it Redis keeps who has called (kept-roll.ts). */
export interface RollCall {
  /** Never rejects; false if the report was not published. */
  say(report: ProcessReport): Promise<boolean>;
  /**
   * Calls back for every report of every process, this one's included. A report that cannot be read is left out. Returns a function
   * that ends the subscription.
   */
  listen(onReport: (report: ProcessReport) => void): () => void;
}

/** Says goodbye for a process that has ended. Versions without goodbyes ignore it. */
export async function sayGoodbye(redis: RedisConnection, prefix: string, process: string): Promise<void> {
  await redis.hdel(siteKeys(prefix).roll, process).catch(() => 0);
  await redis.publish(channelsOf(redis, prefix).rollCall, JSON.stringify({ process, leaving: true }));
}

interface RollCallOptions {
  readonly redis: RedisConnection;
  /** A connection that its owner checks for being half open. */
  readonly subscriber: Redis;
  readonly prefix: string;
}

export function createRollCall({ redis, subscriber, prefix }: RollCallOptions): RollCall {
  const channel = channelsOf(redis, prefix).rollCall;
  return {
    say: async (report) => {
      // Also for an api that is not there to hear it.
      const forgotten = report.leaving && redis.hdel(siteKeys(prefix).roll, report.process).catch(() => undefined);
      const wasSaid = await redis.publish(channel, JSON.stringify(report)).then(
        () => true,
        () => false,
      );
      await forgotten;
      return wasSaid;
    },
    listen: (onReport) => {
      const hear = (from: string, message: string) => {
        const report = from === channel ? processReport.safeParse(parseJson(message)).data : undefined;
        if (report) onReport(report);
      };
      subscriber.on('message', hear);
      const subscribe = () => void subscriber.subscribe(channel).catch(() => undefined);
      // ioredis subscribes again after its first subscription. Until then, every connection has to.
      subscriber.on('ready', subscribe);
      if (subscriber.status === 'ready') subscribe();
      return () => {
        subscriber.off('message', hear);
        subscriber.off('ready', subscribe);
        leaveRollCall(subscriber, prefix);
      };
    },
  };
}

/** Hears no more calls on this connection. One that is not connected goes on to hear them, which costs time and harms nothing. */
export function leaveRollCall(subscriber: Redis, prefix: string): void {
  subscriber.unsubscribe(channelsOf(subscriber, prefix).rollCall).catch(() => undefined);
}
