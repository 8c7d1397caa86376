import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { commandStates, deskKinds } from '../../item/command.ts';
import { notReplicated, redisErrorKind, retryRefused } from '../redis/redis-error.ts';
import { channelsOf, editionKeys, siteKeys } from '../redis/redis-keys.ts';
import { idempotencySeconds, itemSeconds, overTtlSeconds } from '../redis/retention.ts';
import { Script } from '../redis/script.ts';
import type { RedisConnection, Shards } from '../redis/shards.ts';
import { itemState } from './desk-items.ts';
import { type AcceptOutcome, type AcceptRequest, acceptProblems } from './desk-log.ts';

const acceptScript = new Script(new URL('./accept.lua', import.meta.url), {
  keys: ['item', 'command', 'due', 'items', 'versions', 'idempotency', 'flashes', 'meta', 'audit'],
  args: [
    'base',
    'commandId',
    'itemId',
    'edition',
    'action',
    'ifMatch',
    'body',
    'facets',
    'change',
    'expiresAt',
    'hold',
    'publishAt',
    'draft',
    'reason',
    'notice',
    'keyId',
    'name',
    'fingerprint',
    'warned',
    'flashesPerMinute',
    'fuseConfirmed',
    'deadline',
    'outcomesChannel',
    'idempotencyTtl',
    'overTtl',
    'itemTtl',
    'onlyIn',
    'timesAhead',
    'deskChannel',
    'acceptedChannel',
  ],
});

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
  z
    .tuple([z.literal('refused'), z.enum(acceptProblems), z.union([z.string(), z.number()]), z.string()])
    .rest(z.number()),
]);

export interface AcceptOptions {
  readonly shards: Pick<Shards, 'site' | 'of'>;
  readonly prefix: string;
  /** All editions of the site: an Idempotency-Key counts across them. */
  readonly editions: readonly string[];
  /** FLASHWIRE_ITEM_DAYS. */
  readonly itemDays: number;
  /** Accepts only what enough replicas have. Without it, what the primary has. */
  readonly replicated?: Replicated | null;
}

/** Connections that nothing else uses. A connection stands still during a WAIT, so what takes a line away does not share one. */
export interface Replicated {
  readonly publishes: RedisConnection;
  readonly takedowns: RedisConnection;
  /** How many replicas have to have an acceptance; null: not known yet, so nothing counts as accepted. */
  needed(): number | null;
  /** Whether a replica is being made primary that may not have what the other replicas confirm, or was after `sentAt` (performance.now()). */
  isFailingOver(sentAt: number): boolean;
}

/** One atomic acceptance. redis-error.ts says what a rejection means: not accepted, or unknown. */
export async function accept(options: AcceptOptions, request: AcceptRequest): Promise<AcceptOutcome> {
  const { shards, prefix, editions, replicated } = options;
  if (request.idempotency && (await isOfOtherEdition(shards, prefix, editions, request)))
    return { type: 'refused', problem: 'idempotency-mismatch' };
  const call = callOf(options, request);
  return replicated
    ? acceptReplicated(replicated, call, request)
    : outcomeOf(await acceptScript.run(shards.of(request.edition).redis, call));
}

/**
 * A refusal is final, whatever the replicas say. An acceptance that too few replicas have is unknown: it stays in Redis and may go
 * out. A retry with its Idempotency-Key writes nothing in accept.lua, and WAIT is about writes. So an EXPIRE stands between them. It
 * writes even if the time stays the same, and answers 0 where there is no key.
 */
async function acceptReplicated(
  { publishes, takedowns, needed, isFailingOver }: Replicated,
  call: ReturnType<typeof callOf>,
  { action, idempotency }: AcceptRequest,
): Promise<AcceptOutcome> {
  const connection = ['withhold', 'retract', 'cancel'].includes(action) ? takedowns : publishes;
  const count = needed();
  const sentAt = performance.now();
  const { reply, isReplicated } = await acceptScript.runAndWait(connection, call, count ?? 0, (pipeline) =>
    idempotency ? pipeline.expire(call.keys.idempotency, idempotencySeconds) : pipeline,
  );
  const outcome = outcomeOf(reply);
  if (outcome.type === 'refused') return outcome;
  // News of a failover may have arrived with the reply, and this process may not have read it yet.
  await setImmediate();
  if (count === null || !isReplicated || isFailingOver(sentAt)) throw notReplicated();
  return outcome;
}

function callOf({ shards, prefix, itemDays }: AcceptOptions, request: AcceptRequest) {
  const { redis } = shards.of(request.edition);
  const keys = editionKeys(prefix, request.edition);
  const { by, idempotency } = request;
  return {
    keys: {
      item: keys.item(request.itemId),
      command: keys.command(request.commandId),
      due: keys.due,
      items: keys.items,
      versions: keys.versions(request.itemId),
      flashes: keys.flashes,
      meta: keys.meta,
      audit: keys.audit,
      idempotency: idempotency ? keys.idempotency(by.keyId, idempotency.key) : keys.meta,
    },
    args: {
      base: keys.base,
      commandId: request.commandId,
      itemId: request.itemId,
      edition: request.edition,
      action: request.action,
      ifMatch: request.ifMatch ?? '',
      body: request.body ?? '',
      facets: request.facets ? JSON.stringify(request.facets) : '',
      change: request.change ?? '',
      expiresAt: request.expiresAtMs ?? 0,
      hold: request.holdMs ?? 0,
      publishAt: request.publishAtMs ?? 0,
      draft: request.draft ? '1' : '',
      reason: request.reason ?? '',
      notice: request.notice ?? '',
      keyId: by.keyId,
      name: by.name,
      fingerprint: idempotency?.fingerprint ?? '',
      warned: request.isWarned ? '1' : '',
      flashesPerMinute: request.fuse?.flashesPerMinute ?? '',
      fuseConfirmed: request.fuse?.isConfirmed ? '1' : '',
      deadline: request.deadlineMs,
      outcomesChannel: channelsOf(redis, prefix).outcomes(request.edition),
      idempotencyTtl: idempotencySeconds,
      overTtl: overTtlSeconds,
      itemTtl: itemSeconds(request.edition, itemDays),
      onlyIn: request.onlyIn ?? '',
      timesAhead: request.timesAhead ? '1' : '',
      deskChannel: channelsOf(redis, prefix).desk,
      acceptedChannel: channelsOf(redis, prefix).accepted(request.edition),
    },
  };
}

function outcomeOf(reply: unknown): AcceptOutcome {
  const parsed = acceptReply.parse(reply);
  if (parsed[0] === 'refused') {
    const [, problem, version, state, flashes] = parsed;
    return {
      type: 'refused',
      problem,
      ...(version !== '' && { version: Number(version) }),
      ...(state !== '' && { state: itemState.parse(state) }),
      ...(flashes !== undefined && { flashes }),
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
 * An Idempotency-Key belongs to the edition of its first request, even if that request was refused. Keys of other editions are in
 * other slots, which the script may not read. So one key of the site decides between two requests at the same moment. The same
 * round trip reads the records of the other editions, because a process of an earlier version writes no claim.
 */
async function isOfOtherEdition(
  shards: AcceptOptions['shards'],
  prefix: string,
  editions: readonly string[],
  { edition, by, idempotency }: AcceptRequest,
): Promise<boolean> {
  if (!idempotency) return false;
  const recordOf = (id: string) => editionKeys(prefix, id).idempotency(by.keyId, idempotency.key);
  const isHere = async () => (await shards.of(edition).redis.exists(recordOf(edition))) === 1;
  const claim = siteKeys(prefix).idempotency(by.keyId, idempotency.key);
  const others = editions.filter((other) => other !== edition);
  const [claimedBy, ...elsewhere] = await Promise.all([
    shards.site.redis.set(claim, edition, 'EX', idempotencySeconds, 'NX', 'GET'),
    ...others.map((other) => shards.of(other).redis.exists(recordOf(other))),
  ]).catch(async (error: unknown) => {
    // "Nothing was accepted" would be wrong of a retry whose first request is in Redis, also if its answer was 504.
    if (redisErrorKind(error) !== 'unknown' && (await isHere().catch(() => true))) throw retryRefused(error);
    throw error;
  });
  const isElsewhere = elsewhere.includes(1) || (claimedBy !== null && claimedBy !== edition);
  // The script compares the request with the one that this edition accepted under the key.
  return isElsewhere && !(await isHere());
}
