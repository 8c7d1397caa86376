import type { Redis } from 'ioredis';
import { z } from 'zod';
import { commandStates, deskKinds } from '../../item/command.ts';
import { channelsOf, editionKeys, siteKeys } from '../redis/redis-keys.ts';
import { idempotencySeconds, itemSeconds, overTtlSeconds } from '../redis/retention.ts';
import { Script } from '../redis/script.ts';
import { itemState } from './desk-items.ts';
import { type AcceptOutcome, type AcceptRequest, acceptProblems } from './desk-log.ts';

const acceptScript = new Script(new URL('./accept.lua', import.meta.url));

const number = z.coerce.number();
const acceptReply = z.union([
  z.tuple([
    z.literal('accepted'),
    z.string(),
    number,
    z.enum(commandStates),
    z.string(),
    number,
    z.enum(deskKinds),
    z.string(),
    z.string(),
  ]),
  z.tuple([z.literal('refused'), z.enum(acceptProblems), z.union([z.string(), z.number()]), z.string()]),
]);

export interface AcceptOptions {
  readonly redis: Redis;
  readonly prefix: string;
  /** All editions of the site: an Idempotency-Key counts across them. */
  readonly editions: readonly string[];
  /** FLASHWIRE_ITEM_DAYS. */
  readonly itemDays: number;
}

/** One acceptance: all of it or nothing of it. A rejection says that nobody knows which. */
export async function accept(
  { redis, prefix, editions, itemDays }: AcceptOptions,
  request: AcceptRequest,
): Promise<AcceptOutcome> {
  const keys = editionKeys(prefix, request.edition);
  const { by, idempotency } = request;
  if (idempotency && (await isOfOtherEdition(redis, prefix, editions, request)))
    return { type: 'refused', problem: 'idempotency-mismatch' };
  const reply = await acceptScript.run(
    redis,
    [
      keys.item(request.itemId),
      keys.command(request.commandId),
      keys.due,
      keys.items,
      keys.versions(request.itemId),
      idempotency ? keys.idempotency(by.keyId, idempotency.key) : keys.meta,
    ],
    [
      keys.base,
      request.commandId,
      request.itemId,
      request.edition,
      request.action,
      request.ifMatch ?? '',
      request.body ?? '',
      request.facets ? JSON.stringify(request.facets) : '',
      request.change ?? '',
      request.expiresAtMs ?? 0,
      request.holdMs ?? 0,
      request.publishAtMs ?? 0,
      request.draft ? '1' : '',
      request.reason ?? '',
      request.notice ?? '',
      by.keyId,
      by.name,
      idempotency?.fingerprint ?? '',
      request.deadlineMs,
      channelsOf(redis, prefix).outcomes(request.edition),
      idempotencySeconds,
      overTtlSeconds,
      itemSeconds(request.edition, itemDays),
      request.onlyIn ?? '',
      request.timesAhead ? '1' : '',
    ],
  );
  return outcomeOf(reply);
}

function outcomeOf(reply: unknown): AcceptOutcome {
  const parsed = acceptReply.parse(reply);
  if (parsed[0] === 'refused') {
    const [, problem, version, state] = parsed;
    return {
      type: 'refused',
      problem,
      ...(version !== '' && { version: Number(version) }),
      ...(state !== '' && { state: itemState.parse(state) }),
    };
  }
  const [, id, version, state, commandId, dueAt, kind, replayed, seq] = parsed;
  return {
    type: 'accepted',
    id,
    version,
    state,
    commandId,
    dueAt,
    kind,
    replayed: replayed === '1',
    seq: seq === '' ? null : Number(seq),
  };
}

/**
 * An Idempotency-Key belongs to the first edition that it came for, whatever became of the request. Keys of other editions lie in
 * other slots, where the script may not look, so one key of the site decides between two that come at the same moment. The records of
 * the editions are asked in the same round trip: they may be older than the claim, as those of a process of the version before are.
 */
async function isOfOtherEdition(
  redis: Redis,
  prefix: string,
  editions: readonly string[],
  { edition, by, idempotency }: AcceptRequest,
): Promise<boolean> {
  if (!idempotency) return false;
  const recordOf = (id: string) => editionKeys(prefix, id).idempotency(by.keyId, idempotency.key);
  const claim = siteKeys(prefix).idempotency(by.keyId, idempotency.key);
  const others = editions.filter((other) => other !== edition);
  const [claimedBy, ...elsewhere] = await Promise.all([
    redis.set(claim, edition, 'EX', idempotencySeconds, 'NX', 'GET'),
    ...others.map((other) => redis.exists(recordOf(other))),
  ]);
  const isElsewhere = elsewhere.includes(1) || (claimedBy !== null && claimedBy !== edition);
  // What this edition has accepted under the key is compared by the script.
  return isElsewhere && (await redis.exists(recordOf(edition))) === 0;
}
