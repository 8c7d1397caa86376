import type { RequestHandler } from 'express';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { line } from '../item/schema.ts';
import { noteLimits } from '../item/text.ts';
import type { Audit } from '../log/audit.ts';
import type { Publisher } from '../queue/publisher.ts';
import { principalOf, requirePublisher } from './authenticate.ts';
import { parseBodyWith } from './request.ts';

/** Whether publishes and corrections are held for everyone, and who has said so. */
export type StopState =
  | { readonly stopped: false }
  | { readonly stopped: true; readonly by: string; readonly at: string; readonly reason?: string };

/** The STOP switch: holds what is to go out. What takes back (hide, retract) never waits, and readers notice nothing. */
export interface StopSwitch {
  state(): Promise<StopState>;
  /** Whoever stops first is remembered. What was held goes out in its order once it is let go. */
  turn(isStopped: boolean, by: string, reason?: string): Promise<StopState>;
  /**
   * Makes the queues do as the switch says, whoever turns it meanwhile: the last thing that anybody does to the queues is
   * followed by a look at the switch.
   */
  settle(): Promise<StopState>;
}

interface StopSwitchDeps {
  readonly redis: Redis;
  readonly prefix: string;
  readonly publisher: Publisher;
  readonly now: () => number;
}

const record = z.object({ by: z.string(), at: z.coerce.number(), reason: z.string().optional() });

export function createStopSwitch({ redis, prefix, publisher, now }: StopSwitchDeps): StopSwitch {
  const key = `${prefix}:stop`;
  const state = async (): Promise<StopState> => {
    const found = record.safeParse(await redis.hgetall(key));
    if (!found.success) return { stopped: false };
    const { by, at, reason } = found.data;
    return { stopped: true, by, at: new Date(at).toISOString(), ...(reason && { reason }) };
  };
  const settle = async (): Promise<StopState> => {
    for (let said = await state(); ; ) {
      await publisher.hold(said.stopped);
      const after = await state();
      if (after.stopped === said.stopped) return after;
      said = after;
    }
  };
  return {
    state,
    settle,
    turn: async (isStopped, by, reason) => {
      if (isStopped) {
        // The queues first: a switch that says STOP while items go out would be the worst of both.
        await publisher.hold(true);
        if ((await redis.hsetnx(key, 'by', by)) === 1) await redis.hset(key, { at: now(), reason: reason ?? '' });
        // Whoever was first may have ended between the two: a switch that cannot be pulled again would be a trap.
        else await redis.hsetnx(key, 'at', now());
      } else await redis.del(key);
      return settle();
    },
  };
}

/** What is said to the switch. */
export const turnedSchema = z.strictObject({ stopped: z.boolean(), reason: line(noteLimits).optional() });

/** PUT /v1/stop, of editors and admins: seconds count, so nobody is asked twice. */
export function turnSwitch({ stop, audit }: { readonly stop: StopSwitch; readonly audit: Audit }): RequestHandler {
  return async (request, response) => {
    const principal = principalOf(response);
    requirePublisher(principal);
    const { stopped, reason } = parseBodyWith(turnedSchema, request.body);
    const state = await stop.turn(stopped, principal.name, reason);
    const { keyId, name } = principal;
    await audit.note({
      action: stopped ? 'stop' : 'let-go',
      keyId,
      name,
      ...(reason !== undefined && { detail: reason }),
    });
    response.json(state);
  };
}
