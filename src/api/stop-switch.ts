import type { RequestHandler } from 'express';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { line } from '../item/schema.ts';
import type { Site } from '../item/site.ts';
import { noteLimits } from '../item/text.ts';
import type { Audit } from '../log/trail/audit.ts';
import type { Publisher } from '../queue/publisher.ts';
import { principalOf, requirePublisher } from './access/authenticate.ts';
import type { Principal } from './access/key-store.ts';
import type { RateLimit } from './access/rate-limit.ts';
import { ProblemError } from './http-problem.ts';
import { parseBodyWith } from './request.ts';

/** Whether publishes and corrections are held for everyone, and who has said so. */
export type StopState =
  | { readonly stopped: false }
  | { readonly stopped: true; readonly by: string; readonly at: string; readonly reason?: string };

/** The STOP switch: holds what is to go out. What takes back (hide, retract) never waits, and readers notice nothing. */
export interface StopSwitch {
  state(): Promise<StopState>;
  /** Whoever stops first is remembered. What was held goes out in its order once it is let go. `onTurned`: it stood otherwise. */
  turn(isStopped: boolean, by: string, reason?: string, onTurned?: () => void): Promise<StopState>;
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
    turn: async (isStopped, by, reason, onTurned) => {
      if (isStopped) {
        // The queues first: a switch that says STOP while items go out would be the worst of both.
        await publisher.hold(true);
        if ((await redis.hsetnx(key, 'by', by)) === 1) {
          await redis.hset(key, { at: now(), reason: reason ?? '' });
          onTurned?.();
        }
        // Whoever was first may have ended between the two: a switch that cannot be pulled again would be a trap.
        else if ((await redis.hsetnx(key, 'at', now())) === 1) onTurned?.();
      } else if ((await redis.del(key)) === 1) onTurned?.();
      return settle();
    },
  };
}

/** What is said to the switch. */
export const turnedSchema = z.strictObject({ stopped: z.boolean(), reason: line(noteLimits).optional() });

export interface TurnDeps {
  readonly stop: StopSwitch;
  readonly audit: Audit;
  readonly site: Site;
  /** How often a key may pull, and how often it may release: pulling has the wider limit. */
  readonly pulls: Pick<RateLimit, 'take'>;
  readonly releases: Pick<RateLimit, 'take'>;
}

/**
 * PUT /v1/stop, of editors and admins: seconds count, so there is no second question. To stop is safe, so a key for some
 * editions may do it; to release changes what goes out in all of them. What changes nothing is no event.
 */
export function turnSwitch({ stop, audit, site, pulls, releases }: TurnDeps): RequestHandler {
  return async (request, response) => {
    const principal = principalOf(response);
    requirePublisher(principal);
    const { stopped, reason } = parseBodyWith(turnedSchema, request.body);
    if (!stopped) requireAllEditions(principal, site);
    const { keyId, name } = principal;
    (stopped ? pulls : releases).take(keyId);
    let hasTurned = false;
    const state = await stop.turn(stopped, name, reason, () => {
      hasTurned = true;
    });
    if (!hasTurned) return void response.json(state);
    await audit.note({
      action: stopped ? 'stop' : 'let-go',
      keyId,
      name,
      ...(reason !== undefined && { detail: reason }),
    });
    response.json(state);
  };
}

function requireAllEditions({ editions }: Principal, site: Site): void {
  if (editions === null || site.editions.every(({ id }) => editions.includes(id))) return;
  throw new ProblemError(
    'forbidden',
    `STOP holds every edition, and this key is for ${editions.join(', ')} only: it can stop, but not release. Ask someone whose key is for all editions.`,
  );
}
