import type { RequestHandler } from 'express';
import { z } from 'zod';
import { line } from '../item/schema.ts';
import type { Site } from '../item/site.ts';
import { noteLimits } from '../item/text.ts';
import { tellDesks } from '../log/commands/desk-news.ts';
import { siteKeys } from '../log/redis/redis-keys.ts';
import type { RedisConnection } from '../log/redis/shards.ts';
import type { Audit } from '../log/trail/audit.ts';
import type { Publisher } from '../queue/publisher.ts';
import { principalOf, requirePublisher } from './access/authenticate.ts';
import type { Principal } from './access/key-store.ts';
import type { RateLimit } from './access/rate-limit.ts';
import { ProblemError } from './http-problem.ts';
import { parseBodyWith } from './request.ts';

/** Whether STOP holds publishes and corrections, and who pulled it. */
export type StopState =
  | { readonly stopped: false }
  | { readonly stopped: true; readonly by: string; readonly at: string; readonly reason?: string };

/** The STOP switch holds publishes and corrections. Hide and retract never wait, and readers do not notice STOP. */
export interface StopSwitch {
  state(): Promise<StopState>;
  /**
   * Remembers who stopped first. After a release the held items go out in order. `onTurned` is called if this call changed the
   * switch.
   */
  turn(isStopped: boolean, by: string, reason?: string, onTurned?: () => void): Promise<StopState>;
  /** Sets the queues as the switch says. Reads the switch again after each change of the queues, because it may be turned meanwhile. */
  settle(): Promise<StopState>;
}

interface StopSwitchDeps {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly publisher: Publisher;
  readonly now: () => number;
}

const record = z.object({ by: z.string(), at: z.coerce.number(), reason: z.string().optional() });

export function createStopSwitch({ redis, prefix, publisher, now }: StopSwitchDeps): StopSwitch {
  const { stop: key } = siteKeys(prefix);
  const state = async (): Promise<StopState> => {
    const { data } = record.safeParse(await redis.hgetall(key));
    if (!data) return { stopped: false };
    const { by, at, reason } = data;
    return { stopped: true, by, at: new Date(at).toISOString(), ...(reason && { reason }) };
  };
  const settle = async (): Promise<StopState> => {
    for (let before = await state(); ; ) {
      await publisher.hold(before.stopped);
      const after = await state();
      if (after.stopped === before.stopped) return after;
      before = after;
    }
  };
  return {
    state,
    settle,
    turn: async (isStopped, by, reason, onTurned) => {
      if (isStopped) {
        // The queues first: the switch must never say STOP while items go out.
        await publisher.hold(true);
        if ((await redis.hsetnx(key, 'by', by)) === 1) {
          await redis.hset(key, { at: now(), reason: reason ?? '' });
          onTurned?.();
        }
        // The process that was first may have crashed between the two writes; then this one completes the record.
        else if ((await redis.hsetnx(key, 'at', now())) === 1) onTurned?.();
      } else if ((await redis.del(key)) === 1) onTurned?.();
      // Also where this call changed nothing: the process that did may have ended before it published.
      await tellDesks(redis, prefix, { type: 'stop' });
      return settle();
    },
  };
}

/** The body of PUT /v1/stop. */
export const turnedSchema = z.strictObject({
  stopped: z.boolean(),
  reason: line(noteLimits)
    .optional()
    .meta({ examples: ['A wrong line is going out'] }),
});

export interface TurnDeps {
  readonly stop: StopSwitch;
  readonly audit: Audit;
  readonly site: Site;
  /** Rate limits per key; the limit for pulling is wider. */
  readonly pulls: Pick<RateLimit, 'take'>;
  readonly releases: Pick<RateLimit, 'take'>;
}

/**
 * PUT /v1/stop, for editors and admins. There is no confirmation, because seconds count. A key for some editions may stop, which is
 * safe, but not release, which affects every edition. A request that changes nothing is not in the audit trail.
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
    `STOP holds every edition, and this key is for ${editions.join(', ')} only: it can stop, but not release. Ask an editor whose key is for all editions.`,
  );
}
