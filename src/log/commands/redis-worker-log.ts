import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Command, type CommandKind, commandKinds } from '../../item/command.ts';
import { ParseError, parseBody, parseCommand } from '../entries/reply.ts';
import { newEpoch, settleEpoch } from '../redis/epoch.ts';
import { nullIfWrongType, redisErrorKind } from '../redis/redis-error.ts';
import { channelsOf, editionKeys, siteKeys } from '../redis/redis-keys.ts';
import {
  itemSeconds,
  noticeMs,
  noticeWithinMs,
  overTtlSeconds,
  withdrawnKept,
  withdrawnSeconds,
} from '../redis/retention.ts';
import { migrate } from '../redis/schema-version.ts';
import { Script } from '../redis/script.ts';
import type { Shards } from '../redis/shards.ts';
import { followUpOf } from './follow-up.ts';
import { KnownHeads } from './known-heads.ts';
import type { AppendOutcome, Due, WorkerLog } from './worker-log.ts';

const appendScript = new Script(new URL('./append.lua', import.meta.url), {
  keys: ['meta', 'log', 'shown', 'due', 'item', 'text', 'command', 'items', 'suspect', 'audit', 'withdrawn'],
  args: [
    'base',
    'commandId',
    'itemId',
    'freshEpoch',
    'digest',
    'language',
    'dir',
    'entriesChannel',
    'outcomesChannel',
    'entriesKept',
    'itemTtl',
    'noticeStays',
    'noticeWithin',
    'overTtl',
    'withdrawnTtl',
    'withdrawnKept',
    'inTurn',
    'deskChannel',
    'deadline',
  ],
});
/** As long as its caller waits for the reply of Redis (ops/redis/redis.ts). */
const appendWithinMs = 2_000;
const refuseScript = new Script(new URL('./refuse.lua', import.meta.url), {
  keys: ['due', 'command'],
  args: ['base', 'commandId', 'problem', 'overTtl', 'outcomesChannel', 'deskChannel'],
});

const kinds = z.enum(commandKinds);
const followUp = z
  .tuple([z.string(), z.coerce.number(), kinds])
  .transform(([commandId, dueAt, kind]): Due => ({ commandId, dueAt, kind }));
const appendReply = z.union([
  z.tuple([z.literal('appended'), z.number(), z.string(), z.string()], followUp),
  z.tuple([z.literal('early'), z.number()]),
  z.tuple([z.literal('behind')]),
  z.tuple([z.literal('late')]),
  z.tuple([z.literal('refused'), z.string()]),
]);

export interface WorkerLogOptions {
  readonly shards: Pick<Shards, 'site' | 'of'>;
  readonly prefix: string;
  /** Entries that the stream keeps. */
  readonly entriesKept: number;
  /** How long an item is kept after its last entry, days (FLASHWIRE_ITEM_DAYS). */
  readonly itemDays: number;
  /** How long the notice of a retraction stays in the item's place; 10 minutes. */
  readonly noticeMs?: number;
}

/** The log in Redis, for a worker. */
export function createWorkerLog(options: WorkerLogOptions): WorkerLog {
  const { shards, prefix } = options;
  const of = (edition: string) => shards.of(edition).redis;
  const now = (edition: string) => shards.of(edition).clock.now();
  const heads = new KnownHeads();
  return {
    now,
    command: async (edition, commandId) => {
      const key = editionKeys(prefix, edition).command(commandId);
      const record = await of(edition).hgetall(key).catch(unreadableIfWrongType);
      if (Object.keys(record).length > 0) return parseCommand(record);
      const lost = followUpOf(edition, commandId);
      if (!lost) return null;
      await of(edition).hset(key, lost);
      return parseCommand(lost);
    },
    append: async (command, how) => {
      const { edition } = command;
      const before = heads.of(edition);
      const outcome = await append(options, command, how?.inTurn ?? false);
      const isRewritten = outcome.type === 'appended' && !outcome.seen && heads.appended(edition, before, outcome);
      // If this fails, the next look at the epoch finds another entry in the place of the newest.
      if (isRewritten && before)
        await of(edition)
          .set(editionKeys(prefix, edition).suspect, before.epoch)
          .catch(() => undefined);
      return outcome;
    },
    dueBefore: async ({ edition, id, dueAt }, limit) => {
      const { due } = editionKeys(prefix, edition);
      const found = await of(edition).zrangebyscore(due, '-inf', dueAt, 'WITHSCORES', 'LIMIT', 0, limit);
      const all = await withKinds(options, edition, found);
      // Redis orders commands of one time by their ids.
      return all.filter((other) => other.dueAt < dueAt || other.commandId < id);
    },
    settleSchema: async (editions) => {
      const { redis } = shards.site;
      if ((await redis.exists(siteKeys(prefix).schema)) === 0) await migrate({ redis, prefix, editions });
    },
    settleEpoch: async (edition) =>
      heads.read(edition, await settleEpoch(of(edition), prefix, edition, heads.of(edition))),
    overdue: async (edition, olderThanMs, limit, from) => {
      const { due } = editionKeys(prefix, edition);
      const until = now(edition) - olderThanMs;
      const [least, skip] = from ? [from.dueAt, from.skip] : ['-inf', 0];
      return withKinds(
        options,
        edition,
        await of(edition).zrangebyscore(due, least, until, 'WITHSCORES', 'LIMIT', skip, limit),
      );
    },
    newlyOverdue: async (edition, olderThanMs, limit) => {
      const { due } = editionKeys(prefix, edition);
      const until = now(edition) - olderThanMs;
      return withKinds(
        options,
        edition,
        await of(edition).zrevrangebyscore(due, until, '-inf', 'WITHSCORES', 'LIMIT', 0, limit),
      );
    },
    refuse: (edition, commandId, problem) => refuse(options, edition, commandId, problem),
  };
}

async function refuse(
  { shards, prefix }: WorkerLogOptions,
  edition: string,
  commandId: string,
  problem: string,
): Promise<void> {
  const { redis } = shards.of(edition);
  const keys = editionKeys(prefix, edition);
  const channels = channelsOf(redis, prefix);
  await refuseScript.run(redis, {
    keys: { due: keys.due, command: keys.command(commandId) },
    args: {
      base: keys.base,
      commandId,
      problem,
      overTtl: overTtlSeconds,
      outcomesChannel: channels.outcomes(edition),
      deskChannel: channels.desk,
    },
  });
}

/** `found` is a flat list: id, due time, id, due time. */
async function withKinds(
  { shards, prefix }: WorkerLogOptions,
  edition: string,
  found: readonly string[],
): Promise<readonly Due[]> {
  const keys = editionKeys(prefix, edition);
  const ids = found.filter((_, at) => at % 2 === 0);
  const { redis } = shards.of(edition);
  const readings = await Promise.all(ids.map((id) => redis.hget(keys.command(id), 'kind').catch(nullIfWrongType)));
  return ids.map((commandId, at) => ({ commandId, dueAt: Number(found[at * 2 + 1]), kind: kindOf(readings[at]) }));
}

/**
 * A primary that stood still runs what waited for it when it wakes up. By then a worker may have appended the command at the one
 * that has taken over, and readers would get two entries of one seq. So an append has a deadline. A clock that changed makes every
 * append late until the next look at it.
 */
async function append(options: WorkerLogOptions, command: Command, inTurn: boolean): Promise<AppendOutcome> {
  const { clock } = options.shards.of(command.edition);
  const once = () => appendBy(clock.now() + appendWithinMs, options, command, inTurn);
  let outcome = await once();
  if (outcome === 'late') {
    await clock.sample();
    outcome = await once();
  }
  if (outcome === 'late') throw new Error('Redis ran an append after its time');
  return outcome;
}

async function appendBy(
  deadline: number,
  { shards, prefix, entriesKept, itemDays, noticeMs: staysMs = noticeMs }: WorkerLogOptions,
  command: Command,
  inTurn: boolean,
): Promise<AppendOutcome | 'late'> {
  const keys = editionKeys(prefix, command.edition);
  const { redis } = shards.of(command.edition);
  const channels = channelsOf(redis, prefix);
  const body = command.body === '' ? null : parseBody(command.body);
  const reply = await appendScript.run(redis, {
    keys: {
      ...keys,
      item: keys.item(command.itemId),
      text: keys.text(command.itemId),
      command: keys.command(command.id),
    },
    args: {
      base: keys.base,
      commandId: command.id,
      itemId: command.itemId,
      freshEpoch: newEpoch(),
      digest: digestOf(command.body),
      language: body?.language ?? '',
      dir: body?.dir ?? '',
      entriesChannel: channels.entries(command.edition),
      outcomesChannel: channels.outcomes(command.edition),
      deskChannel: channels.desk,
      entriesKept,
      itemTtl: itemSeconds(command.edition, itemDays),
      noticeStays: staysMs,
      noticeWithin: noticeWithinMs,
      overTtl: overTtlSeconds,
      withdrawnTtl: withdrawnSeconds,
      withdrawnKept,
      inTurn: inTurn ? '1' : '',
      deadline,
    },
  });
  const [type, value, seen, hash, ...followUps] = appendReply.parse(reply);
  if (type === 'late') return type;
  if (type === 'early') return { type, waitMs: Number(value) };
  if (type === 'behind') return { type };
  if (type === 'refused') return { type, problem: String(value) };
  return { type, seq: Number(value), seen: seen === '1', hash: String(hash), followUps: followUps as readonly Due[] };
}

/** A key of another type is not a command. After any other error (Redis is unreachable) a retry can succeed. */
function unreadableIfWrongType(error: unknown): never {
  if (redisErrorKind(error) === 'wrong-type') throw new ParseError('the record is not a hash', { cause: error });
  throw error;
}

/** A record without a kind gets the one of an ordinary command: the worker that takes it refuses it. */
function kindOf(kind: string | null | undefined): CommandKind {
  return kinds.safeParse(kind).data ?? 'publish';
}

function digestOf(text: string): string {
  return text === '' ? '' : createHash('sha256').update(text).digest('hex');
}
